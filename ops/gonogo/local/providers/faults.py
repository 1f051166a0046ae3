"""Faults: what each is called, what it does, and which are switched on."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import Response

from gonogo.local.providers import wire
from gonogo.local.providers.wire import Came

# Which requests a fault hits; each may be given with any fault.
WHERE = frozenset(("name", "times", "skip", "path", "method", "contains"))
_LARGE = 10 * 1024 * 1024
_DEEP = 100_000

Usual = Callable[[], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """A request that a fault hits.

    Attributes:
        settings: what was given with the fault.
        usual: answers as if nothing were wrong, with every effect.
        released: set when nobody shall wait any longer.
    """

    came: Came
    settings: Mapping[str, Any]
    usual: Usual
    released: asyncio.Event

    def number(self, name: str, default: float) -> float:
        """Return a setting that is a number."""
        return float(self.settings.get(name, default))


Behaviour = Callable[[Hit], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One way in which a provider goes wrong.

    Attributes:
        summary: what happens, for people.
        settings: what may be given with it, each with what it means.
    """

    name: str
    summary: str
    behave: Behaviour
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Switched:
    """A fault that is switched on.

    Attributes:
        times: how many requests it still hits; None is all.
        skip: how many requests that it would hit still pass.
        path: it hits paths that contain this only.
        method: it hits this method only.
        contains: it hits bodies that contain this only.
    """

    fault: Fault
    settings: Mapping[str, Any]
    times: int | None = None
    skip: int = 0
    path: str = ""
    method: str = ""
    contains: str = ""

    def hits(self, came: Came) -> bool:
        """Return whether it hits a request, and count that."""
        is_meant = self.path in came.path and self.method in {"", came.method} and self.contains.encode() in came.raw
        if self.times == 0 or not is_meant:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times = None if self.times is None else self.times - 1
        return True

    def shown(self) -> dict[str, Any]:
        """Return it as JSON."""
        where = {"times": self.times, "skip": self.skip, "path": self.path, "method": self.method}
        where |= {"contains": self.contains}
        return {"name": self.fault.name, **where, **self.settings}


class Refused(ValueError):  # noqa: N818  # it is an answer, told to whoever switched
    """A fault cannot be switched on as it was given; the text says why."""


class Switches:
    """The faults of one stand-in."""

    def __init__(self, table: Mapping[str, Fault]) -> None:
        """Take what there is; nothing is switched on."""
        self.table = table
        self._on: list[Switched] = []
        self._released = asyncio.Event()

    def switch(self, given: Mapping[str, Any]) -> None:
        """Switch one on, behind those that are.

        Args:
            given: `name`; `times`, `skip`, `path`, `method` and `contains` say which requests it hits; the rest are its
                settings.

        Raises:
            Refused: there is no such fault, or it has no such setting.
        """
        fault = self.table.get(str(given.get("name")))
        if fault is None:
            raise Refused(f"there is no fault called {given.get('name')!r}; there are: {', '.join(sorted(self.table))}")
        settings = {key: value for key, value in given.items() if key not in WHERE}
        if unknown := sorted(set(settings) - set(fault.settings)):
            known = ", ".join(sorted(fault.settings)) or "none"
            raise Refused(f"{fault.name} has no setting called {', '.join(unknown)}; it has: {known}")
        where = {key: given[key] for key in WHERE - {"name"} if given.get(key) is not None}
        self._on.append(Switched(fault=fault, settings=settings, **where))

    def clear(self) -> None:
        """Switch all off; whoever is kept waiting goes on."""
        self._on.clear()
        self._released.set()
        self._released = asyncio.Event()

    def shown(self) -> list[dict[str, Any]]:
        """Return those that are on, as JSON."""
        return [switched.shown() for switched in self._on]

    async def answer(self, came: Came, usual: Usual) -> Response:
        """Answer a request as the first fault that hits it does, or as usual."""
        switched = next((each for each in self._on if each.hits(came)), None)
        if switched is None:
            return await usual()
        self._on = [each for each in self._on if each.times != 0]
        hit = Hit(came=came, settings=switched.settings, usual=usual, released=self._released)
        return await switched.fault.behave(hit)


async def _body(hit: Hit) -> Response:
    given = hit.settings
    encoded = given.get("body_base64")
    content = base64.b64decode(encoded) if encoded is not None else str(given.get("body", "")).encode()
    headers = {"content-type": "application/json", **given.get("headers", {})}
    if "content_type" in given:
        headers["content-type"] = given["content_type"]
    return Response(content, int(given.get("status", 200)), headers)


async def _html(hit: Hit) -> Response:
    return wire.page(int(hit.number("status", 200)), "Just a moment")


async def _bad_gateway(hit: Hit) -> Response:
    return wire.page(int(hit.number("status", 502)), "502 Bad Gateway")


async def _drop(_: Hit) -> Response:
    return wire.Dropped()


async def _lost_reply(hit: Hit) -> Response:
    await hit.usual()
    return wire.Dropped()


async def _cut_short(hit: Hit) -> Response:
    return wire.CutShort(await hit.usual())


async def _slow(hit: Hit) -> Response:
    """Keep somebody waiting; before or after the effect, as a slow network or a slow server would."""
    done = await hit.usual() if hit.settings.get("after") else None
    with suppress(TimeoutError):
        await asyncio.wait_for(hit.released.wait(), hit.number("seconds", 30))
    return done or await hit.usual()


async def _too_large(hit: Hit) -> Response:
    size = int(hit.number("bytes", _LARGE))
    return Response(b'{"padding": "' + b"x" * size + b'"}', media_type="application/json")


async def _deep(hit: Hit) -> Response:
    depth = int(hit.number("depth", _DEEP))
    return Response(b'{"a":' * depth + b"1" + b"}" * depth, media_type="application/json")


async def _wrong_encoding(hit: Hit) -> Response:
    whole = await hit.usual()
    content = bytes(whole.body).decode().encode("utf-16")
    return Response(content, whole.status_code, {"content-type": "application/json; charset=utf-8"})


async def _empty(hit: Hit) -> Response:
    return Response(b"", int(hit.number("status", 200)), media_type="application/json")


_BODY_SETTINGS = {
    "status": "the HTTP status (200)",
    "content_type": "the body's type (application/json)",
    "body": "the body, a text",
    "body_base64": "the body, any bytes",
    "headers": "more headers, an object",
}
_STATUS = {"status": "the HTTP status"}
COMMON: tuple[Fault, ...] = (
    Fault(name="body", summary="answers exactly this", behave=_body, settings=_BODY_SETTINGS),
    Fault(name="html", summary="answers with a page, as something in between does", behave=_html, settings=_STATUS),
    Fault(name="bad-gateway", summary="answers 502 with a page", behave=_bad_gateway, settings=_STATUS),
    Fault(name="empty-body", summary="answers with nothing", behave=_empty, settings=_STATUS),
    Fault(name="drop", summary="ends the connection; nothing is done", behave=_drop),
    Fault(name="lost-reply", summary="does what was asked, and ends the connection", behave=_lost_reply),
    Fault(name="cut-short", summary="does what was asked, and answers with half a body", behave=_cut_short),
    Fault(
        name="slow",
        summary="keeps the caller waiting",
        behave=_slow,
        settings={"seconds": "how long (30)", "after": "true: does what was asked before it waits"},
    ),
    Fault(name="too-large", summary="answers with 10 MiB", behave=_too_large, settings={"bytes": "another size"}),
    Fault(name="deep-nesting", summary="answers with very deep JSON", behave=_deep, settings={"depth": "how deep"}),
    Fault(name="wrong-encoding", summary="answers in UTF-16 and calls it UTF-8", behave=_wrong_encoding),
)


def table(*faults: Fault) -> dict[str, Fault]:
    """Return a provider's faults by name: those that all have, and its own."""
    return {fault.name: fault for fault in (*COMMON, *faults)}


def always(make: Callable[[Mapping[str, Any]], Response]) -> Behaviour:
    """Return a fault's behaviour that does nothing and answers from its settings."""

    async def behave(hit: Hit) -> Response:
        return make(hit.settings)

    return behave
