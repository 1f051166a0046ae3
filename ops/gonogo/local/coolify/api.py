"""The HTTP API: every endpoint behind the gate, and the answers for what is not there."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint, Office, RefusedCallError
from gonogo.local.coolify.control import Control
from gonogo.local.coolify.endpoints import (
    applications,
    backups,
    databases,
    deploy,
    deployments,
    notifications,
    rollback,
    system,
    tasks,
    variables,
)
from gonogo.local.coolify.gate import Gate
from gonogo.local.coolify.limits import Limiter
from gonogo.local.coolify.version import POST_ONLY, at_least

ENDPOINTS: tuple[Endpoint, ...] = (
    *system.ENDPOINTS,
    *applications.ENDPOINTS,
    *variables.ENDPOINTS,
    *deploy.ENDPOINTS,
    *deployments.ENDPOINTS,
    *rollback.ENDPOINTS,
    *databases.ENDPOINTS,
    *backups.ENDPOINTS,
    *tasks.ENDPOINTS,
    *notifications.ENDPOINTS,
)
# These were reached by GET as well, until that became an error of its own.
_ONCE_GET = frozenset(
    endpoint.path for endpoint in (*deploy.ENDPOINTS, *databases.ENDPOINTS) if endpoint.method == "POST"
)

View = Callable[[Request], Awaitable[Response]]


def build(office: Office, control: Control) -> Starlette:
    """Return the ASGI app."""
    gate = Gate(office.store, Limiter(office.store.clock))
    by_path: dict[str, list[Endpoint]] = defaultdict(list)
    for endpoint in ENDPOINTS:
        by_path[endpoint.path].append(endpoint)
    health: list[BaseRoute] = [Route(path, _health) for path in ("/api/health", "/api/v1/health")]
    paths = [
        Route(f"/api/v1{path}", AnyMethod(_View(office, gate, endpoints=found))) for path, found in by_path.items()
    ]
    return Starlette(routes=[*health, *control.routes(), *paths, Route("/{path:path}", AnyMethod(_nothing))])


class AnyMethod:
    """An ASGI app that gives every method to one view; a bare function would be limited to GET."""

    def __init__(self, view: View) -> None:
        """Take the view."""
        self._view = view

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # ASGI
        """Answer one request."""
        answer = await self._view(Request(scope, receive))
        await answer(scope, receive, send)


class _View:
    """Everything that one path answers."""

    def __init__(self, office: Office, gate: Gate, *, endpoints: Iterable[Endpoint]) -> None:
        self._office = office
        self._gate = gate
        self._by_method = {endpoint.method: endpoint for endpoint in endpoints}

    async def __call__(self, request: Request) -> Response:
        endpoint = self._endpoint(request.method)
        if endpoint is None:
            return answers.no_such_endpoint()
        passed = self._gate.check(request, endpoint.ability, endpoint.path)
        answer = passed.refusal or await self._answer(request, endpoint, sensitive=passed.sensitive)
        answer.headers.update(passed.headers or {})
        return answer

    def _endpoint(self, method: str) -> Endpoint | None:
        found = self._by_method.get(method) or (self._once_get() if method == "GET" else None)
        known = found is not None and at_least(self._office.store.server.version, found.since)
        return found if known else None

    def _once_get(self) -> Endpoint | None:
        post = self._by_method.get("POST")
        return post if post is not None and post.path in _ONCE_GET else None

    async def _answer(self, request: Request, endpoint: Endpoint, *, sensitive: bool) -> Response:
        if request.method != endpoint.method and at_least(self._office.store.server.version, POST_ONLY):
            return answers.changed_to_post()
        try:
            return await endpoint.handler(Call(request=request, office=self._office, sensitive=sensitive))
        except RefusedCallError as refused:
            return refused.answer


async def _health(_: Request) -> Response:
    return system.health()


async def _nothing(_: Request) -> Response:
    return answers.no_such_endpoint()
