"""What becomes of a request that a fault hits: lost, late, answered by something else, or with something untrue."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Office
from gonogo.local.coolify.faults.fault import Effect
from gonogo.local.coolify.records import Application
from gonogo.local.providers import wire

_SLOW_S = 5.0
_WAIT_S = 30
_TITLES: Mapping[int, str] = {200: "Log in", 502: "502 Bad Gateway", 503: "Be right back.", 504: "504 Gateway Time-out"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Passing:
    """A request on its way.

    Attributes:
        app: the application that it is about.
        status: of the answer, where there is a choice.
        go_on: has it answered as it should be.
    """

    request: Request
    app: Application | None
    office: Office
    status: int
    go_on: Callable[[], Awaitable[Response]]


async def _page(passing: Passing) -> Response:
    return wire.page(passing.status, _TITLES.get(passing.status, "Server Error"))


async def _page_afterwards(passing: Passing) -> Response:
    await passing.go_on()
    return await _page(passing)


async def _redirect(passing: Passing) -> Response:
    return RedirectResponse(str(passing.request.url.replace(scheme="https")), passing.status)


async def _throttled(passing: Passing) -> Response:
    ends = int(passing.office.store.clock.now().timestamp()) + _WAIT_S
    headers = {"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(ends)}
    return answers.throttled(passing.request, {**headers, "Retry-After": str(_WAIT_S)})


async def _no_endpoint(_: Passing) -> Response:
    return answers.no_such_endpoint()


async def _lost(_: Passing) -> Response:
    return wire.Dropped()


async def _lost_afterwards(passing: Passing) -> Response:
    await passing.go_on()
    return wire.Dropped()


async def _cut_short(passing: Passing) -> Response:
    return wire.CutShort(await passing.go_on())


async def _slow(passing: Passing) -> Response:
    await passing.office.store.clock.take(_SLOW_S)
    return await passing.go_on()


async def _other_id(passing: Passing) -> Response:
    answer = await passing.go_on()
    said = json.loads(bytes(answer.body))
    for entry in said.get("deployments", ()):
        entry["deployment_uuid"] = passing.office.store.new_uuid()
    return answers.ok(said, answer.status_code)


async def _no_entry(_: Passing) -> Response:
    return answers.ok({"deployments": []})


async def _no_id(passing: Passing) -> Response:
    uuid = passing.app.uuid if passing.app else ""
    entry = {"message": "Unauthorized to deploy this application.", "resource_uuid": uuid}
    return answers.ok({"deployments": [entry]})


async def _missing(_: Passing) -> Response:
    return answers.message(404, "Deployment not found.")


async def _unkept(passing: Passing) -> Response:
    return answers.ok({"uuid": passing.app.uuid if passing.app else ""})


async def _stuck_row(passing: Passing) -> Response:
    if passing.app:
        passing.office.queue.strand(passing.app)
    return answers.server_error(passing.request)


EFFECTS: Mapping[Effect, Callable[[Passing], Awaitable[Response]]] = MappingProxyType(
    {
        Effect.PAGE: _page,
        Effect.PAGE_AFTERWARDS: _page_afterwards,
        Effect.REDIRECT: _redirect,
        Effect.THROTTLED: _throttled,
        Effect.NO_ENDPOINT: _no_endpoint,
        Effect.LOST: _lost,
        Effect.LOST_AFTERWARDS: _lost_afterwards,
        Effect.CUT_SHORT: _cut_short,
        Effect.SLOW: _slow,
        Effect.OTHER_ID: _other_id,
        Effect.NO_ENTRY: _no_entry,
        Effect.NO_ID: _no_id,
        Effect.MISSING: _missing,
        Effect.UNKEPT: _unkept,
        Effect.STUCK_ROW: _stuck_row,
    }
)
