"""Applications: list, one, change, logs."""

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint, is_true
from gonogo.local.coolify.endpoints import rules
from gonogo.local.coolify.queue import Order, QueueFullError
from gonogo.local.coolify.records import Application
from gonogo.local.coolify.version import LOG_TIMES, at_least

_SENSITIVE = frozenset(
    ("dockerfile", "custom_labels", "docker_compose", "docker_compose_raw", "http_basic_auth_password")
)
_DEFAULT_LINES = 100
_MOST_LINES = 10000


async def every(call: Call) -> Response:
    """Return every application, or those that carry a tag."""
    tag = call.request.query_params.get("tag")
    found = [app for app in call.store.applications if not tag or tag in app.tags]
    return answers.ok([full(call, app) for app in found if call.store.visible(app.uuid)])


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
    if conflict := _conflict(call, app, body=body):
        return conflict
    app = call.store.applications.put(_changed(call, app, body=body))
    return _deployed_at_once(call, app) if at_once else answers.ok({"uuid": app.uuid})


async def logs(call: Call) -> Response:
    """Return what the newest container wrote; a dead one hides the others."""
    app = call.application()
    containers = sorted((row for row in call.store.containers if row.app == app.uuid), key=lambda row: -row.number)
    if not containers or call.office.fleet.look(containers[0].uuid).state != "running":
        return answers.message(400, "Application is not running.")
    text = call.office.fleet.logs(containers[0].uuid, _lines(call))
    if is_true(call.request.query_params.get("show_timestamps")) and at_least(call.store.server.version, LOG_TIMES):
        now = call.store.clock.now().strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        text = "\n".join(f"{now} {line}" for line in text.splitlines())
    return answers.ok({"logs": text})


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
    shown["server_status"] = call.store.server.reachable
    related = {"settings": dict(app.settings), "destination": destination(call), "additional_servers": []}
    return {"uuid": app.uuid, **shown, **related}


def destination(call: Call) -> dict[str, Any]:
    """Return where applications and databases run."""
    set_up = call.store.server
    settings = {
        "concurrent_builds": set_up.concurrent_builds,
        "deployment_queue_limit": set_up.queue_limit,
        "dynamic_timeout": 3600,
        "is_reachable": set_up.reachable,
        "is_usable": set_up.reachable,
    }
    server = {"id": 0, "uuid": "localhost", "name": "localhost", "ip": "host.docker.internal", "settings": settings}
    return {"id": 0, "uuid": "local", "name": "local", "network": "coolify", "server": server}


def surroundings() -> dict[str, Any]:
    """Return the project, its environment and its team, which the single deployment carries along."""
    team = {"id": 0, "name": "Root Team", "personal_team": True}
    project = {"id": 1, "uuid": "local", "name": "local", "team": team}
    return {"environment": {"id": 1, "name": "local", "project": project}}


def _changed(call: Call, app: Application, *, body: dict[str, Any]) -> Application:
    columns = {"fqdn" if key == "domains" else key: value for key, value in body.items() if key not in rules.SETTINGS}
    settings = {key: value for key, value in body.items() if key in rules.SETTINGS}
    columns.pop("force_domain_override", None)
    fields = {**app.fields, **columns, "updated_at": call.store.now()}
    return replace(app, fields=fields, settings={**app.settings, **settings})


def _conflict(call: Call, app: Application, *, body: dict[str, Any]) -> Response | None:
    """Return the refusal of domains that another application has, unless they are forced."""
    wanted = set(str(body.get("domains") or "").split(",")) - {""}
    if body.get("force_domain_override") or not wanted:
        return None
    others = [(each, each.text("fqdn") or "") for each in call.store.applications if each.uuid != app.uuid]
    conflicts = [
        {
            "domain": domain,
            "resource_name": each.name,
            "resource_uuid": each.uuid,
            "resource_type": "application",
            "message": f"Domain {domain} is already in use by application '{each.name}'",
        }
        for each, fqdn in others
        for domain in wanted & set(fqdn.split(","))
    ]
    return _conflicting(conflicts) if conflicts else None


def _conflicting(conflicts: list[dict[str, str]]) -> Response:
    text = "Domain conflicts detected. Use force_domain_override=true to proceed."
    warning = "Using the same domain for multiple resources can cause routing conflicts and unpredictable behavior."
    return answers.message(409, text, conflicts=conflicts, warning=warning)


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
