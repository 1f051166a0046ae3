"""The stand-in's own endpoints, which no Coolify has: what a person does in its pages, and faults.

Guarded by a token of their own, so that nothing that only knows Coolify can reach them.
"""

import hashlib
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

from gonogo.local.coolify.calls import Office
from gonogo.local.coolify.endpoints.rules import DEFAULTS, SETTINGS
from gonogo.local.coolify.faults.table import TABLE
from gonogo.local.coolify.gate import digest
from gonogo.local.coolify.records import Application, Token
from gonogo.local.coolify.resources import Database, Image
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.switchboard import SETTINGS as FAULT_SETTINGS
from gonogo.local.coolify.switchboard import Switchboard, UnknownFaultError

PREFIX = "/__standin__"
_USUAL_PORT = "3000"
_ALL_ABILITIES = ("read", "read:sensitive", "write", "deploy")

Action = Callable[[Mapping[str, Any]], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Control:
    """The stand-in's own endpoints."""

    office: Office
    switchboard: Switchboard
    token: str

    def routes(self) -> list[Route]:
        """Return them as routes."""
        actions: Mapping[tuple[str, str], Action] = {
            ("GET", "state"): self._state,
            ("POST", "applications"): self._create_application,
            ("DELETE", "applications"): self._delete_application,
            ("POST", "databases"): self._create_database,
            ("POST", "images"): self._push_image,
            ("POST", "tokens"): self._create_token,
            ("GET", "faults"): self._faults,
            ("POST", "faults"): self._switch,
            ("DELETE", "faults"): self._clear,
            ("GET", "notices"): self._notices,
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
            try:
                return JSONResponse(action(json.loads(await request.body() or b"{}")))
            except (UnknownFaultError, LookupError, TypeError, ValueError) as error:
                return JSONResponse({"error": f"{type(error).__name__}: {error}"}, 422)

        return endpoint

    def _state(self, _: Mapping[str, Any]) -> Any:  # JSON
        store, fleet = self.office.store, self.office.fleet
        containers = [
            {
                "name": row.uuid,
                "service": row.service,
                "commit": row.commit,
                "image": row.image,
                "started_at": row.started_at,
                **asdict(fleet.look(row.uuid)),
            }
            for row in store.containers
        ]
        return {
            "applications": {app.name: app.uuid for app in store.applications},
            "containers": containers,
            "faults": self.switchboard.shown(),
            "server": asdict(store.server),
        }

    def _create_application(self, body: Mapping[str, Any]) -> Any:  # JSON
        return {"uuid": create_application(self.office.store, body).uuid}

    def _delete_application(self, body: Mapping[str, Any]) -> Any:  # JSON
        self.office.store.applications.remove(str(body["uuid"]))
        return {}

    def _create_token(self, body: Mapping[str, Any]) -> Any:  # JSON
        return {"token": create_token(self.office.store, body)}

    def _create_database(self, body: Mapping[str, Any]) -> Any:  # JSON
        return {"uuid": create_database(self.office.store, body).uuid}

    def _push_image(self, body: Mapping[str, Any]) -> Any:  # JSON
        return {"digest": push_image(self.office.store, str(body["image"]), str(body["commit"]))}

    def _faults(self, _: Mapping[str, Any]) -> Any:  # JSON
        known = [{"name": each.name, "summary": each.summary, "settings": FAULT_SETTINGS} for each in TABLE.values()]
        return {"switched": self.switchboard.shown(), "known": known}

    def _switch(self, body: Mapping[str, Any]) -> Any:  # JSON
        """Switch on what is named, beside what is on; a list of `faults` replaces everything that is on."""
        if "faults" in body:
            return {"unknown": self.switchboard.replace_all(tuple(body["faults"]))}
        self.switchboard.on(body)
        return {"switched": self.switchboard.shown()}

    def _clear(self, _: Mapping[str, Any]) -> Any:  # JSON
        self.switchboard.off()
        return {"switched": []}

    def _notices(self, _: Mapping[str, Any]) -> Any:  # JSON
        return {"notices": [asdict(each) for each in self.office.store.notices]}

    def _set_up(self, body: Mapping[str, Any]) -> Any:  # JSON
        self.office.store.set_up(body)
        return asdict(self.office.store.server)


def create_application(store: Store, body: Mapping[str, Any]) -> Application:
    """Add an application, as a person does in the pages: columns and settings, the rest by default."""
    now = store.now()
    fields = {key: value for key, value in body.items() if key in DEFAULTS}
    settings = {key: value for key, value in body.items() if key in SETTINGS}
    # Coolify's pages fill a port in for whatever has a domain.
    port = {"ports_exposes": _USUAL_PORT} if fields.get("fqdn") else {}
    app = Application(
        number=store.number(),
        uuid=store.new_uuid(),
        fields={**DEFAULTS, **port, **fields, "created_at": now, "updated_at": now},
        settings={**SETTINGS, **settings},
        tags=tuple(str(tag).lower() for tag in body.get("tags", ())),
    )
    return store.applications.put(app)


def create_database(store: Store, body: Mapping[str, Any]) -> Database:
    """Add a database, as a person does in the pages.

    Args:
        store: the tables.
        body: `name`; `engine`, `status`, `server_number`, `password`, each optional.
    """
    now = store.now()
    given = {key: body[key] for key in ("engine", "status", "server_number", "password") if key in body}
    columns: dict[str, Any] = {"engine": "standalone-postgresql", "status": "running:healthy", "server_number": 1}
    return store.databases.put(
        Database(
            number=store.number(),
            uuid=store.new_uuid(),
            name=str(body["name"]),
            created_at=now,
            updated_at=now,
            **{**columns, **given},
        )
    )


def push_image(store: Store, image: str, commit: str) -> str:
    """Put an image of a commit into the registry, under its tag and its digest, and return the digest's hex digits."""
    name = image.rpartition(":")[0]
    digest = hashlib.sha256(f"{name} {commit}".encode()).hexdigest()
    for pushed in (image, f"{name}:sha256-{digest}"):
        store.images.put(Image(uuid=pushed, commit=commit))
    return digest


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
