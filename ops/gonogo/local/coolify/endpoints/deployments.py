"""Deployments: the running ones, one, an application's, cancelling."""

import json
from typing import Any

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint, RefusedCallError
from gonogo.local.coolify.endpoints.applications import full, surroundings
from gonogo.local.coolify.records import ACTIVE, Deployment
from gonogo.local.coolify.version import (
    CANCEL,
    CANCEL_ADVANCES,
    LIST_HIDES_LOGS,
    LOSES_DEPLOYMENTS,
    at_least,
)


async def running(call: Call) -> Response:
    """Return what is queued or runs: an array, or an object when the database gave the rows out of order."""
    rows = [record(call, row) for row in call.store.deployments if row.status in ACTIVE]
    if call.store.server.keyed_list:
        return answers.ok({str(len(rows) - 1 - place): row for place, row in enumerate(rows)})
    return answers.ok(rows)


async def single(call: Call) -> Response:
    """Return one deployment with its application inside."""
    row = _found(call)
    app = call.store.visible(row.app)
    if app is None or _is_lost(call):
        return answers.message(404, "Deployment not found.")
    return answers.ok(record(call, row) | {"application": full(call, app) | surroundings()})


async def of_application(call: Call) -> Response:
    """Return an application's deployments, newest first."""
    app = call.application("Application not found")
    skip, take = _whole(call, "skip", default=0, least=0), _whole(call, "take", default=10, least=1)
    rows = sorted((row for row in call.store.deployments if row.app == app.uuid), key=lambda row: -row.number)
    return answers.ok({"count": len(rows), "deployments": [_listed(call, row) for row in rows[skip : skip + take]]})


async def cancel(call: Call) -> Response:
    """Flip a deployment to cancelled; containers stay as they are."""
    row = _found(call)
    if row.status not in ACTIVE:
        return answers.message(400, f"Deployment cannot be cancelled. Current status: {row.status}")
    row = call.office.queue.cancel(row)
    if not at_least(call.store.server.version, CANCEL_ADVANCES):
        return answers.message(500, "Failed to cancel deployment: Call to a member function on null")
    return answers.ok(
        {"message": "Deployment cancelled successfully.", "deployment_uuid": row.uuid, "status": row.status}
    )


ENDPOINTS = (
    Endpoint(method="GET", path="/deployments", ability="read", handler=running),
    Endpoint(method="GET", path="/deployments/applications/{uuid}", ability="read", handler=of_application),
    Endpoint(method="GET", path="/deployments/{uuid}", ability="read", handler=single),
    Endpoint(method="POST", path="/deployments/{uuid}/cancel", ability="deploy", handler=cancel, since=CANCEL),
)


def _listed(call: Call, row: Deployment) -> dict[str, Any]:
    """Return a row of an application's list; before 4.2 its log is shown to everybody."""
    shown = record(call, row)
    return shown if at_least(call.store.server.version, LIST_HIDES_LOGS) else shown | {"logs": _log(row)}


def _log(row: Deployment) -> str | None:
    return json.dumps([dict(line) for line in row.logs]) if row.logs else None


def _is_lost(call: Call) -> bool:
    """Return whether this version compares a number with a text, and so finds no deployment of anybody's team."""
    first, fixed = LOSES_DEPLOYMENTS
    version = call.store.server.version
    return at_least(version, first) and not at_least(version, fixed)


def record(call: Call, row: Deployment) -> dict[str, Any]:
    """Return a deployment as the API shows it."""
    app = call.store.applications.get(row.app)
    page = f"/project/local/environment/local/application/{row.app}/deployment/{row.uuid}"
    shown = {
        "id": row.number,
        "application_id": str(app.number if app else 0),
        "application_name": app.name if app else None,
        "build_server_id": None,
        "commit": row.commit,
        "commit_message": None,
        "configuration_hash": None,
        "current_process_id": None,
        "deployment_url": page,
        "deployment_uuid": row.uuid,
        "destination_id": "0",
        "docker_registry_image_tag": None,
        "force_rebuild": row.force_rebuild,
        "git_type": None,
        "horizon_job_id": row.handed_to,
        "horizon_job_worker": "worker-1" if row.handed_to else None,
        "is_api": row.is_api,
        "is_webhook": row.is_webhook,
        "only_this_server": False,
        "pull_request_id": 0,
        "restart_only": row.restart_only,
        "rollback": row.rollback,
        "server_id": 0,
        "server_name": "localhost",
        "status": row.status,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "finished_at": row.finished_at,
    }
    return shown | ({"logs": _log(row)} if call.sensitive else {})


def _found(call: Call) -> Deployment:
    row = call.store.deployments.get(call.path("uuid"))
    if row is None:
        raise RefusedCallError(answers.message(404, "Deployment not found."))
    return row


def _whole(call: Call, name: str, *, default: int, least: int) -> int:
    text = call.request.query_params.get(name, str(default))
    try:
        value = int(text)
    except ValueError:
        value = None
    if value is not None and value >= least:
        return value
    problem = (
        f"The {name} field must be an integer." if value is None else f"The {name} field must be at least {least}."
    )
    raise RefusedCallError(answers.framework_invalid(call.request, {name: problem}))
