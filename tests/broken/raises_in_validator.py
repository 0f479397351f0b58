from pydantic import BaseModel, field_validator


class Settings(BaseModel):
    key: str = ""

    @field_validator("key")
    @classmethod
    def check(cls, value):
        return value.nothing_of_the_kind


class Plugin:
    Settings = Settings
