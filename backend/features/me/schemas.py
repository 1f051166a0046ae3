"""What comes in and goes out about the person who asks."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from backend.knowledge import zones


def _is_zone(name: str) -> str:
    if name not in zones.NAMES:
        msg = "must be an IANA time zone, such as Europe/Berlin"
        raise ValueError(msg)
    return name


class MeChange(BaseModel):
    """What to change."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    timezone: Annotated[str, Field(max_length=100, description="An IANA name."), AfterValidator(_is_zone)]


class MeV1(BaseModel):
    """The contract me.v1: who you are; your today begins at midnight in `timezone`."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    contract: Literal["me.v1"] = "me.v1"
    email: str
    timezone: str
