"""Applications: list, one, change, logs."""

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint
from gonogo.local.coolify.endpoints import rules
from gonogo.local.coolify.queue import Order, QueueFullError
from gonogo.local.coolify.records import Application

_SENSITIVE = frozenset(
    ("dockerfile", "custom_labels", "docker_compose", "docker_compose_raw", "http_basic_auth_password")
)
_DEFAULT_LINES = 100
_MOST_LINES = 10000


async def every(call: Call) -> Response:
    """Return every application; none carries a tag."""
    found = [] if call.request.query_params.get("tag") else list(call.store.applications)
    return answers.ok([full(call, app) for app in found])


async def single(call: Call) -> Response:
    """Return one application."""
    return answers.ok(full(call, call.application()))


async def change(call: Call) -> Response:
    """Change columns and settings; what runs is not touched."""
    app = call.application("Application not found")
    body = await call.body()
    at_once = body.pop("instant_deploy", None)
    if errors := rules.problems(body, call.store.server.version):
        return answers.invalid(errors)
    app = call.store.applications.put(_changed(call, app, body=body))
    return _deployed_at_once(call, app) if at_once else answers.ok({"uuid": app.uuid})


async def logs(call: Call) -> Response:
    """Return what the newest container wrote; a dead one hides the others."""
    app = call.application()
    containers = sorted((row for row in call.store.containers if row.app == app.uuid), key=lambda row: -row.number)
    if not containers or call.office.fleet.look(containers[0].uuid).state != "running":
        return answers.message(400, "Application is not running.")
    return answers.ok({"logs": call.office.fleet.logs(containers[0].uuid, _lines(call))})


ENDPOINTS = (
    Endpoint(method="GET", path="/applications", ability="read", handler=every),
    Endpoint(method="GET", path="/applications/{uuid}", ability="read", handler=single),
    Endpoint(method="PATCH", path="/applications/{uuid}", ability="write", handler=change),
    Endpoint(method="GET", path="/applications/{uuid}/logs", ability="read", handler=logs, since="4.0.0-beta.391"),
)


def full(call: Call, app: Application) -> dict[str, Any]:
    """Return an application as the API shows it, with what its accessors load."""
    hidden = frozenset[str]() if call.sensitive else _SENSITIVE
    shown = {key: value for key, value in app.fields.items() if key not in hidden}
    server = {"id": 0, "uuid": "localhost", "name": "localhost", "settings": {"concurrent_builds": 2}}
    related = {
        "settings": dict(app.settings),
        "destination": {"id": 0, "name": "local", "server": server},
        "additional_servers": [],
    }
    return {"uuid": app.uuid, **shown, **related}


def _changed(call: Call, app: Application, *, body: dict[str, Any]) -> Application:
    columns = {"fqdn" if key == "domains" else key: value for key, value in body.items() if key not in rules.SETTINGS}
    settings = {key: value for key, value in body.items() if key in rules.SETTINGS}
    columns.pop("force_domain_override", None)
    fields = {**app.fields, **columns, "updated_at": call.store.now()}
    return replace(app, fields=fields, settings={**app.settings, **settings})


def _deployed_at_once(call: Call, app: Application) -> Response:
    """Queue a deployment; neither its id nor a full queue is told."""
    try:
        skipped = call.office.queue.put(app, Order()) is None
    except QueueFullError:
        skipped = False
    return answers.ok({"message": "Deployment already queued for this commit."} if skipped else {"uuid": app.uuid})


def _lines(call: Call) -> int:
    text = call.request.query_params.get("lines", "")
    wanted = int(text) if text.isdigit() else 0
    return min(wanted, _MOST_LINES) if wanted > 0 else _DEFAULT_LINES
