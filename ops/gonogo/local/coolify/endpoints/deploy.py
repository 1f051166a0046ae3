"""`POST /deploy`, start, stop, restart: everything that asks for a deployment."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint, is_true
from gonogo.local.coolify.queue import Order, QueueFullError
from gonogo.local.coolify.records import Application
from gonogo.local.coolify.resources import Database

_SKIPPED = "Deployment already queued for this commit."


async def deploy(call: Call) -> Response:
    """Queue deployments by uuid or tag."""
    inputs = await call.inputs()
    if refusal := _refusal(inputs):
        return answers.message(400, refusal)
    named = inputs.get("uuid") or inputs.get("tag")
    if isinstance(named, list):
        return answers.server_error(call.request)
    parts = [part for part in str(named).split(",") if part]
    if not parts:
        return answers.message(400, "No UUIDs provided." if inputs.get("uuid") else "No TAGs provided.")
    by = _by_uuid if inputs.get("uuid") else _by_tag
    try:
        return by(call, parts, inputs)
    except QueueFullError:
        answer = answers.message(429, answers.QUEUE_FULL)
        answer.headers["Retry-After"] = "60"
        return answer


async def start(call: Call) -> Response:
    """Queue a deployment; a full queue is not noticed, and the id is invented then."""
    app, inputs = call.application(), await call.inputs()
    order = Order(force=is_true(inputs.get("force")), at_once=is_true(inputs.get("instant_deploy")))
    return _queued(call, app, order=order, text="Deployment request queued.")


async def restart(call: Call) -> Response:
    """Queue a deployment that calls itself a restart."""
    return _queued(call, call.application(), order=Order(restart_only=True), text="Restart request queued.")


async def stop(call: Call) -> Response:
    """Stop every container of an application, some time later."""
    call.office.stop(call.application())
    return answers.ok({"message": "Application stopping request queued."})


ENDPOINTS = (
    Endpoint(method="POST", path="/deploy", ability="deploy", handler=deploy),
    Endpoint(method="POST", path="/applications/{uuid}/start", ability="deploy", handler=start),
    Endpoint(method="POST", path="/applications/{uuid}/restart", ability="deploy", handler=restart),
    Endpoint(method="POST", path="/applications/{uuid}/stop", ability="deploy", handler=stop),
)


def _refusal(inputs: Mapping[str, Any]) -> str | None:
    uuid, tag, docker_tag = inputs.get("uuid"), inputs.get("tag"), inputs.get("docker_tag")
    pull_request = inputs.get("pull_request_id") or inputs.get("pr")
    rules = (
        (uuid and tag, "You can only use uuid or tag, not both."),
        (tag and pull_request, "You can only use tag or pr, not both."),
        (tag and docker_tag, "You can only use tag or docker_tag, not both."),
        (docker_tag and not pull_request, "docker_tag requires pull_request_id."),
        (not uuid and not tag, "You must provide uuid or tag."),
    )
    return next((text for broken, text in rules if broken), None)


def _by_uuid(call: Call, uuids: list[str], inputs: Mapping[str, Any]) -> Response:
    """Answer with an entry for each that is known; who is not known vanishes."""
    found = [found for uuid in uuids if (found := call.store.visible(uuid) or call.store.databases.get(uuid))]
    if not found:
        return answers.message(404, "No resources found.")
    return answers.ok({"deployments": [_entry(call, each, inputs) for each in found]})


def _entry(call: Call, found: Application | Database, inputs: Mapping[str, Any]) -> dict[str, str]:
    """Return one line of the answer."""
    if isinstance(found, Database):
        return _recreated(call, found)
    pull_request = inputs.get("pull_request_id") or inputs.get("pr")
    if inputs.get("docker_tag") and not found.is_image:
        text = "docker_tag can only be used with Docker Image applications."
        return {"message": text, "resource_uuid": found.uuid}
    if pull_request:
        return {"message": f"Pull request {pull_request} not found for this resource.", "resource_uuid": found.uuid}
    return _asked(call, found, order=Order(force=is_true(inputs.get("force"))))


def _recreated(call: Call, database: Database) -> dict[str, str]:
    """Pull the database's image, stop it and make it anew: an outage, told as a start."""
    now = call.store.now()
    call.store.databases.put(replace(database, status="running:unknown", started_at=now, updated_at=now))
    return {"message": f"Database {database.name} started.", "resource_uuid": database.uuid}


def _asked(call: Call, app: Application, *, order: Order) -> dict[str, str]:
    """Queue one deployment; a skipped request carries an id that was never stored."""
    row = call.office.queue.put(app, order)
    text = f"Application {app.name} deployment queued." if row else _SKIPPED
    return {"message": text, "resource_uuid": app.uuid, "deployment_uuid": row.uuid if row else call.store.new_uuid()}


def _by_tag(call: Call, tags: list[str], inputs: Mapping[str, Any]) -> Response:
    """Answer in another shape: ids in `details`, words in `message`; unknown tags vanish."""
    found = [app for app in call.store.applications if set(tags) & set(app.tags)]
    if not found:
        return answers.message(404, "No resources found with this tag.")
    lines = [_asked(call, app, order=Order(force=is_true(inputs.get("force")))) for app in found]
    details = [{key: line[key] for key in ("resource_uuid", "deployment_uuid")} for line in lines]
    return answers.ok({"details": details, "message": [line["message"] for line in lines]})


def _queued(call: Call, app: Application, *, order: Order, text: str) -> Response:
    try:
        row = call.office.queue.put(app, order)
    except QueueFullError:
        return answers.ok({"message": text, "deployment_uuid": call.store.new_uuid()})
    if row is None:
        return answers.ok({"message": _SKIPPED})
    return answers.ok({"message": text, "deployment_uuid": row.uuid})
