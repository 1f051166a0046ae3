"""A stand-in's own endpoints, called from outside: its faults, and what came in."""

from typing import Any, Self

from gonogo.local.http import JsonClient
from gonogo.local.providers.standin import PREFIX


class Control:
    """What can be done to a stand-in that runs."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Remember where it is, and the token of its own endpoints where it has one; nothing is sent yet."""
        self._client = JsonClient(url, token)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close every connection."""
        self._client.__exit__(*error)

    def fault(self, name: str, **settings: Any) -> None:  # JSON
        """Switch a fault on; `times`, `skip`, `path`, `method`, `contains` say which requests it hits.

        Raises:
            StackError: there is no such fault, or it has no such setting; the message names what there is.
        """
        self._client.call("POST", f"{PREFIX}faults", body={"name": name, **settings})

    def clear(self) -> None:
        """Switch every fault off; whoever is kept waiting goes on.

        Raises:
            StackError: it does not answer.
        """
        self._client.call("DELETE", f"{PREFIX}faults")

    def faults(self) -> dict[str, Any] | None:
        """Return the faults that are `switched` on, and those that are `known`; None when it does not answer."""
        found: dict[str, Any] | None = self._client.look(f"{PREFIX}faults")
        return found

    def state(self) -> dict[str, Any]:
        """Return all that it holds.

        Raises:
            StackError: it does not answer.
        """
        return dict(self._client.call("GET", f"{PREFIX}state"))

    def requests(self) -> list[dict[str, Any]]:
        """Return what came in, oldest first.

        Raises:
            StackError: it does not answer.
        """
        return list(self._client.call("GET", f"{PREFIX}requests")["requests"])
