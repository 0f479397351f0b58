from pydantic import BaseModel


class Settings(BaseModel):
    key: str


class Plugin:
    Settings = Settings

    def __init__(self, settings):
        raise AssertionError("its settings are bad: nobody builds it")
