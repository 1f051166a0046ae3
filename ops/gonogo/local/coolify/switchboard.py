"""Faults, switched on and off while the stand-in runs; and what they do to requests."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gonogo.local.coolify import disturbing, events
from gonogo.local.coolify.calls import Office
from gonogo.local.coolify.disturbing import Passing
from gonogo.local.coolify.faults.fault import Disturbance, Fault
from gonogo.local.coolify.faults.table import TABLE
from gonogo.local.coolify.records import Application, Switched

ROOT = "/api/v1"
SETTINGS: Mapping[str, str] = {"commit": "", "service": "", "times": "0"}


class UnknownFaultError(ValueError):
    """There is no such fault, or it has no such setting; the text says which there are."""


class Switchboard:
    """The faults of one stand-in."""

    def __init__(self, office: Office) -> None:
        """Take what they meddle with."""
        self._office = office

    def replace_all(self, wanted: tuple[Mapping[str, Any], ...]) -> list[str]:
        """Switch these on and all others off; return the names that do not exist, when nothing was changed."""
        unknown = [str(item.get("name")) for item in wanted if item.get("name") not in TABLE]
        if not unknown:
            self._office.store.switch(())
            for item in wanted:
                self.on(item)
        return unknown

    def on(self, given: Mapping[str, Any]) -> None:
        """Switch one on beside those that are.

        Args:
            given: `name`, and its settings: `commit` and `service` say which deployments it hits, `times` how many
                requests.

        Raises:
            UnknownFaultError: there is no such fault or setting.
        """
        fault = TABLE.get(str(given.get("name")))
        if fault is None:
            raise UnknownFaultError(f"there is no fault called {given.get('name')!r}; there are: {', '.join(TABLE)}")
        if unknown := sorted(set(given) - {"name", *SETTINGS}):
            raise UnknownFaultError(
                f"a fault has no setting called {', '.join(unknown)}; it has: {', '.join(SETTINGS)}"
            )
        if fault.on_paper and not self._office.fleet.on_paper:
            raise UnknownFaultError(f"{fault.name} exists on paper only: no process can be made to do it")
        times = given.get("times")
        switched = Switched(
            name=fault.name,
            commit=str(given.get("commit") or ""),
            service=str(given.get("service") or ""),
            times=fault.times if times is None else int(times),
            server=fault.server,
            token=fault.token,
            takes=fault.takes,
        )
        self._office.store.switch((*self._office.store.faults, switched))
        if not fault.after and not fault.before:
            self._begin(switched, None)

    def off(self) -> None:
        """Switch all of them off; what they have brought about stays."""
        self._office.store.switch(())

    def shown(self) -> list[dict[str, Any]]:
        """Return those that are on, as JSON."""
        return [
            {"name": item.name, "commit": item.commit, "service": item.service, "times": item.times}
            for item in self._office.store.faults
        ]

    def before(self, request: Request, app: Application | None) -> None:
        """Let begin what waits for a request that is about to be handled."""
        for item in self._waiting():
            if _matches(TABLE[item.name].before, request):
                self._begin(item, app)

    def after(self, request: Request, app: Application | None) -> None:
        """Let begin what waits for a request that was answered."""
        for item in self._waiting():
            if _matches(TABLE[item.name].after, request):
                self._begin(item, app)

    def hit(self, request: Request) -> Disturbance | None:
        """Return what becomes of a request, and count that; None when nothing does."""
        for item in self._office.store.faults:
            disturbance = TABLE[item.name].disturbance
            if disturbance and self._is_on(item, TABLE[item.name]) and _is_meant(disturbance, request):
                self._replace(item, times=None if item.times is None else item.times - 1)
                return disturbance
        return None

    def _waiting(self) -> list[Switched]:
        return [item for item in self._office.store.faults if item.armed_at is None]

    def _is_on(self, item: Switched, fault: Fault) -> bool:
        if item.armed_at is None or item.times == 0:
            return False
        return fault.lasts is None or self._now() < item.armed_at + fault.lasts

    def _begin(self, item: Switched, app: Application | None) -> None:
        fault = TABLE[item.name]
        if app and not {item.service, fault.service} <= {"", app.name}:
            return
        gone = app.name if fault.gone and app else ""
        self._replace(item, armed_at=self._now(), gone=gone)
        if fault.event and app:
            events.happen(fault.event, self._office, app)

    def _replace(self, item: Switched, **changes: Any) -> None:
        changed = replace(item, **changes)
        self._office.store.switch(tuple(changed if each is item else each for each in self._office.store.faults))

    def _now(self) -> float:
        return self._office.store.clock.now().timestamp()


class Disturbed:
    """The API with its faults around it: an ASGI app."""

    def __init__(self, app: ASGIApp, office: Office, switchboard: Switchboard) -> None:
        """Take the API as it should be."""
        self._app = app
        self._office = office
        self._switchboard = switchboard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # ASGI
        """Answer one request."""
        if not self._office.store.faults or not scope["path"].startswith(ROOT):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        body = await request.body()
        app = self._around(request, body)
        self._switchboard.before(request, app)
        answer = await self._answer(request, body, app)
        self._switchboard.after(request, app)
        await answer(scope, receive, send)

    async def _answer(self, request: Request, body: bytes, app: Application | None) -> Response:
        async def go_on() -> Response:
            return await _captured(self._app, request.scope, body)

        hit = self._switchboard.hit(request)
        if hit is None:
            return await go_on()
        passing = Passing(request=request, app=app, office=self._office, status=hit.status, go_on=go_on)
        return await disturbing.EFFECTS[hit.effect](passing)

    def _around(self, request: Request, body: bytes) -> Application | None:
        """Return the application that a request is about."""
        parts = request.url.path.removeprefix(ROOT).split("/")
        uuid = parts[2] if parts[1:2] == ["applications"] and len(parts) > 2 else _named(body)  # noqa: PLR2004
        return self._office.store.applications.get(uuid)


async def _captured(app: ASGIApp, scope: Scope, body: bytes) -> Response:
    """Return what the API answers, whole, before any of it is sent."""
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    content = b"".join(each.get("body", b"") for each in sent[1:])
    answer = Response(content, sent[0]["status"])
    answer.raw_headers = list(sent[0]["headers"])
    return answer


def _named(body: bytes) -> str:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return ""
    return str(data.get("uuid", "")) if isinstance(data, dict) else ""


def _matches(moment: str, request: Request) -> bool:
    method, _, pattern = moment.partition(" ")
    return bool(pattern) and method == request.method and bool(re.search(pattern, _below(request)))


def _is_meant(disturbance: Disturbance, request: Request) -> bool:
    return disturbance.method in {"", request.method} and bool(re.search(disturbance.path, _below(request)))


def _below(request: Request) -> str:
    return request.url.path.removeprefix(ROOT)
