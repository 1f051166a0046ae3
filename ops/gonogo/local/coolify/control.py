"""The stand-in's own endpoints, which no Coolify has: what a person does in its pages, and faults.

Guarded by a token of their own, so that nothing that only knows Coolify can reach them.
"""

import hmac
import json
import secrets
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gonogo.local.coolify import faults
from gonogo.local.coolify.calls import Office
from gonogo.local.coolify.endpoints.rules import DEFAULTS, SETTINGS
from gonogo.local.coolify.gate import digest
from gonogo.local.coolify.records import Application, Switched, Token
from gonogo.local.coolify.state import Store, new_uuid

PREFIX = "/__standin__"
_ALL_ABILITIES = ("read", "read:sensitive", "write", "deploy")

Action = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """The stand-in's own endpoints."""

    office: Office
    token: str

    def routes(self) -> list[Route]:
        """Return them as routes."""
        actions: Mapping[tuple[str, str], Action] = {
            ("GET", "state"): self._state,
            ("POST", "applications"): self._create_application,
            ("POST", "tokens"): self._create_token,
            ("POST", "faults"): self._switch,
            ("PATCH", "server"): self._set_up,
        }
        return [
            Route(f"{PREFIX}/{name}", self._guarded(action), methods=[method])
            for (method, name), action in actions.items()
        ]

    def _guarded(self, action: Action) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            given = request.headers.get("authorization", "")
            if not hmac.compare_digest(given, f"Bearer {self.token}"):
                return JSONResponse({"message": "Not the control token."}, 401)
            body = json.loads(await request.body() or b"{}")
            return JSONResponse(action(body))

        return endpoint

    def _state(self, _: Mapping[str, Any]) -> Any:  # JSON
        store, fleet = self.office.store, self.office.fleet
        containers = [
            {"name": row.uuid, "service": row.service, "commit": row.commit, **asdict(fleet.look(row.uuid))}
            for row in store.containers
        ]
        return {
            "applications": {app.name: app.uuid for app in store.applications},
            "containers": containers,
            "faults": [asdict(item) for item in store.faults],
            "server": asdict(store.server),
        }

    def _create_application(self, body: Mapping[str, Any]) -> Any:  # JSON
        return {"uuid": create_application(self.office.store, body).uuid}

    def _create_token(self, body: Mapping[str, Any]) -> Any:  # JSON
        return {"token": create_token(self.office.store, body)}

    def _switch(self, body: Mapping[str, Any]) -> Any:  # JSON
        switched = tuple(Switched(name=item["name"], commit=item["commit"]) for item in body["faults"])
        unknown = [item.name for item in switched if item.name not in faults.TABLE]
        if not unknown:
            self.office.store.switch(switched)
        return {"unknown": unknown}

    def _set_up(self, body: Mapping[str, Any]) -> Any:  # JSON
        self.office.store.set_up(body)
        return asdict(self.office.store.server)


def create_application(store: Store, body: Mapping[str, Any]) -> Application:
    """Add an application, as a person does in the pages: columns and settings, the rest by default."""
    now = store.now()
    fields = {key: value for key, value in body.items() if key in DEFAULTS}
    settings = {key: value for key, value in body.items() if key in SETTINGS}
    app = Application(
        number=store.number(),
        uuid=new_uuid(),
        fields={**DEFAULTS, **fields, "created_at": now, "updated_at": now},
        settings={**SETTINGS, **settings},
    )
    return store.applications.put(app)


def create_token(store: Store, body: Mapping[str, Any]) -> str:
    """Add an API token and return its text, which is kept nowhere.

    Args:
        store: the tables.
        body: `abilities`, `user`, `role`, `expires`, each optional.
    """
    number = str(store.number())
    random = secrets.token_hex(20)
    text = f"{number}|{random}{zlib.crc32(random.encode()):08x}"
    given = {key: value for key, value in body.items() if key in {"user", "role", "expires"}}
    abilities = tuple(body.get("abilities", _ALL_ABILITIES))
    store.tokens.put(Token(uuid=number, digest=digest(text), abilities=abilities, **given))
    return text
