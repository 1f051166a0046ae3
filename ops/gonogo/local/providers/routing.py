"""Which of a provider's endpoints a path means."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Handler = TypeVar("Handler")


@dataclass(frozen=True, kw_only=True, slots=True)
class Found(Generic[Handler]):
    """An endpoint, with the parts of the path that name something."""

    handler: Handler
    named: Mapping[str, str]


class Routes(Generic[Handler]):
    """Endpoints by method and path; `{id}` stands for one part of a path."""

    def __init__(self, table: Mapping[str, Handler]) -> None:
        """Take handlers by `METHOD /path`; where two fit, the first is meant."""
        self._rows = [(*_split(key), handler) for key, handler in table.items()]

    def find(self, method: str, path: str) -> Found[Handler] | None:
        """Return the endpoint of a path; None when there is none."""
        parts = path.strip("/").split("/")
        for wanted, pattern, handler in self._rows:
            if wanted == method and (named := _named(pattern, parts)) is not None:
                return Found(handler=handler, named=named)
        return None

    def knows(self, path: str) -> bool:
        """Return whether any method has this path."""
        parts = path.strip("/").split("/")
        return any(_named(pattern, parts) is not None for _, pattern, _ in self._rows)


def _split(key: str) -> tuple[str, list[str]]:
    method, _, path = key.partition(" ")
    return method, path.strip("/").split("/")


def _named(pattern: list[str], parts: list[str]) -> dict[str, str] | None:
    if len(pattern) != len(parts):
        return None
    named = {}
    for wanted, given in zip(pattern, parts, strict=True):
        if wanted.startswith("{") and given:
            named[wanted.strip("{}")] = given
        elif wanted != given:
            return None
    return named
