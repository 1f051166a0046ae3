"""What a route takes from the query string."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, model_validator

# What a guard reads from the same query string.
_GUARDS = frozenset({"twin_id"})


class StrictQuery(BaseModel):
    """A query string in which nothing stands that nobody knows; what the guards ask for is theirs to judge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _leave_the_guards(cls, sent: object) -> object:
        if not isinstance(sent, Mapping):
            return sent
        return {name: value for name, value in sent.items() if name not in _GUARDS}
