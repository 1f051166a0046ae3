"""What comes in and goes out about tokens."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from backend.access.tokens import Scope

DAYS_MAX = 3_650
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class TokenIn(BaseModel):
    """A token to make."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = Field(description="What you call it.")
    scopes: Annotated[list[Scope], Field(min_length=1)] = Field(
        default=[Scope.READ, Scope.WRITE], description="What it is good for; none that yours is not good for."
    )
    days: Annotated[int, Field(ge=1, le=DAYS_MAX)] = Field(default=90, description="Days until it expires.")


class TokenOut(BaseModel):
    """A token; of the token itself only the first characters are kept."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    name: str
    prefix: str | None
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


class TokenMade(BaseModel):
    """A new token; `secret` is shown this once."""

    model_config = ConfigDict(frozen=True)

    token: TokenOut
    secret: str


class TokenList(BaseModel):
    """Your tokens, newest first, those that are over too."""

    model_config = ConfigDict(frozen=True)

    tokens: list[TokenOut]
