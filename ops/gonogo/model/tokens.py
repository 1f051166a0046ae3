"""The service's API tokens, as its operator sees them."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class TokenLine:
    """A token; never the token itself.

    Attributes:
        prefix: its first characters; empty for one that an earlier release made.
        state: valid, expired or revoked.
        used: when it was last used, ISO 8601; empty for never.
    """

    user: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    state: str
    expires: str
    used: str
