from pydantic import BaseModel


class Settings(BaseModel):
    key: str = ""


class Plugin:
    Settings = Settings

    def __init__(self, settings):
        raise RuntimeError(f"cannot sign in with {settings.key!r}")
