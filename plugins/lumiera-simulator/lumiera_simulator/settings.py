"""The settings of the plugin, under `plugins: simulator:` in `lumiera.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

LEAST = 12  # characters of the password: whoever has it speaks as anybody


def _long_enough(password: SecretStr) -> SecretStr:
    if len(password.get_secret_value()) < LEAST:
        raise ValueError(f"expected at least {LEAST} characters")
    return password


_Password = Annotated[SecretStr, AfterValidator(_long_enough), Field(json_schema_extra={"minLength": LEAST})]


class SimulatorSettings(BaseModel):
    """The settings of `simulator:` in `lumiera.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    in_production: bool = Field(False, description="Let the page open where the world sees the bot; wants a password.")
    password: _Password | None = Field(
        None, description="Whoever opens the page is asked for it; the user name is left open."
    )

    @model_validator(mode="after")
    def _locked(self) -> SimulatorSettings:
        if self.in_production and self.password is None:
            raise ValueError("'in_production: true' wants a password: ${SIMULATOR_PASSWORD}")
        return self
