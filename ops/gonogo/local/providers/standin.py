"""A stand-in as an ASGI app: its own endpoints, its faults, what came in; the rest is the provider's."""

import inspect
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gonogo.local.providers import wire
from gonogo.local.providers.faults import Fault, Refused, Switches
from gonogo.local.providers.wire import Came

PREFIX = "/__standin__/"
# What came in is kept for tests to look at; a stack that stays up for weeks must not grow.
_KEPT = 5_000

Action = Callable[[Mapping[str, Any]], Any]


class Provider(Protocol):
    """Who a stand-in stands in for."""

    @property
    def name(self) -> str:
        """Return what it is called."""

    @property
    def faults(self) -> Mapping[str, Fault]:
        """Return how it can go wrong, by name."""

    async def answer(self, came: Came) -> Response:
        """Answer a request, with every effect."""

    def reset(self) -> None:
        """Forget everything."""

    def state(self) -> Any:  # JSON
        """Return all that it holds."""

    def actions(self) -> Mapping[tuple[str, str], Action]:
        """Return more endpoints of the stand-in's own, by method and name; each gets the body's fields."""


class StandIn:
    """A provider's stand-in."""

    def __init__(self, provider: Provider) -> None:
        """Take the provider."""
        self._provider = provider
        self._switches = Switches(provider.faults)
        self._came: deque[Came] = deque(maxlen=_KEPT)
        self._actions: dict[tuple[str, str], Action] = {
            ("GET", "state"): self._state,
            ("GET", "requests"): self._requests,
            ("DELETE", "requests"): self._forget,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._switch,
            ("DELETE", "faults"): self._clear,
            ("POST", "reset"): self._reset,
            **provider.actions(),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        came = await wire.read(Request(scope, receive))
        response = await (self._own(came) if came.path.startswith(PREFIX) else self._answer(came))
        await response(scope, receive, send)

    def reset(self) -> None:
        """Forget everything: what came in, what is switched on, what the provider holds."""
        self._came.clear()
        self._switches.clear()
        self._provider.reset()

    def release(self) -> None:
        """Switch every fault off, so that nobody is kept waiting."""
        self._switches.clear()

    async def _answer(self, came: Came) -> Response:
        self._came.append(came)
        return await self._switches.answer(came, lambda: self._provider.answer(came))

    async def _own(self, came: Came) -> Response:
        action = self._actions.get((came.method, came.path.removeprefix(PREFIX)))
        if action is None:
            known = sorted(f"{method} {PREFIX}{name}" for method, name in self._actions)
            return wire.answer({"error": "no such endpoint", "known": known}, 404)
        try:
            done = action({**came.query, **came.fields})
            return wire.answer(await done if inspect.isawaitable(done) else done)
        except (Refused, LookupError, TypeError, ValueError) as error:
            return wire.answer({"error": f"{type(error).__name__}: {error}"}, 422)

    def _state(self, _: Mapping[str, Any]) -> Any:  # JSON
        return {
            "provider": self._provider.name,
            "requests": len(self._came),
            "faults": self._switches.shown(),
            **self._provider.state(),
        }

    def _requests(self, given: Mapping[str, Any]) -> Any:  # JSON
        path, method = str(given.get("path", "")), str(given.get("method", ""))
        found = [each for each in self._came if path in each.path and method in {"", each.method}]
        return {"count": len(found), "requests": [each.shown() for each in found]}

    def _forget(self, _: Mapping[str, Any]) -> Any:  # JSON
        self._came.clear()
        return {}

    def _faults(self, _: Mapping[str, Any]) -> Any:  # JSON
        known = [
            {"name": fault.name, "summary": fault.summary, "settings": dict(fault.settings)}
            for fault in self._switches.table.values()
        ]
        return {"switched": self._switches.shown(), "known": known}

    def _switch(self, given: Mapping[str, Any]) -> Any:  # JSON
        self._switches.switch(given)
        return {"switched": self._switches.shown()}

    def _clear(self, _: Mapping[str, Any]) -> Any:  # JSON
        self._switches.clear()
        return {"switched": []}

    def _reset(self, _: Mapping[str, Any]) -> Any:  # JSON
        self.reset()
        return {}
