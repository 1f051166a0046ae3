"""One call of an endpoint: the request, cleaned as Coolify cleans it, and everything an endpoint may ask."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.background import Background
from gonogo.local.coolify.ports import Fleet
from gonogo.local.coolify.queue import Queue
from gonogo.local.coolify.records import Application
from gonogo.local.coolify.state import Store

_TRUE = frozenset(("1", "true", "on", "yes"))
_NOT_TRIMMED = frozenset(("password", "current_password", "password_confirmation"))


class RefusedCallError(Exception):
    """An endpoint says no; carries the answer."""

    def __init__(self, answer: Response) -> None:
        """Take the answer."""
        super().__init__()
        self.answer = answer


@dataclass(frozen=True, kw_only=True, slots=True)
class Office:
    """What endpoints work with.

    Attributes:
        stop: stops every container of an application, some time later.
        work: what else is done some time later.
    """

    store: Store
    queue: Queue
    fleet: Fleet
    stop: Callable[[Application], None]
    work: Background


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call.

    Attributes:
        sensitive: whether the caller sees sensitive fields.
    """

    request: Request
    office: Office
    sensitive: bool

    @property
    def store(self) -> Store:
        """Return the tables."""
        return self.office.store

    def path(self, name: str) -> str:
        """Return a part of the path."""
        return str(self.request.path_params[name])

    def application(self, missing: str = "Application not found.") -> Application:
        """Return the application in the path.

        Raises:
            RefusedCallError: there is none; the text of the answer differs between endpoints.
        """
        app = self.store.visible(self.path("uuid"))
        if app is None:
            raise RefusedCallError(answers.message(404, missing))
        return app

    async def inputs(self) -> dict[str, Any]:
        """Return query and body together; a body that is not JSON counts as empty."""
        try:
            body = json.loads(await self.request.body() or b"{}")
        except ValueError:
            body = {}
        return cleaned({**self.request.query_params, **(body if isinstance(body, dict) else {})})

    async def body(self) -> dict[str, Any]:
        """Return the body.

        Raises:
            RefusedCallError: it is not JSON, or empty.
        """
        if "json" not in self.request.headers.get("content-type", ""):
            raise RefusedCallError(_invalid_request("Content-Type must be application/json."))
        try:
            data = json.loads(await self.request.body() or b"null")
        except ValueError as error:
            raise RefusedCallError(_invalid_request("Invalid JSON.")) from error
        if not isinstance(data, dict) or not data:
            raise RefusedCallError(_invalid_request("Empty JSON."))
        return cleaned(data)


Handler = Callable[[Call], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Endpoint:
    """One endpoint.

    Attributes:
        path: below /api/v1.
        since: the server version that brought it.
    """

    method: str
    path: str
    ability: str
    handler: Handler
    since: str = "4.0.0-beta.0"


def cleaned(data: dict[str, Any]) -> dict[str, Any]:
    """Return input with texts trimmed, and empty texts as null."""
    return {key: value if key in _NOT_TRIMMED else _clean(value) for key, value in data.items()}


def is_true(value: object) -> bool:
    """Return what Coolify takes for true."""
    return value is True or str(value).lower() in _TRUE


def _clean(value: object) -> object:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, dict):
        return cleaned(value)
    return [_clean(item) for item in value] if isinstance(value, list) else value


def _invalid_request(why: str) -> Response:
    return answers.message(400, "Invalid request.", error=why)
