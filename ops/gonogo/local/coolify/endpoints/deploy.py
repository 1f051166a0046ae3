"""`POST /deploy`, start, stop, restart: everything that asks for a deployment."""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint, is_true
from gonogo.local.coolify.queue import Order, QueueFullError
from gonogo.local.coolify.records import Application
from gonogo.local.coolify.state import new_uuid

_SKIPPED = "Deployment already queued for this commit."


async def deploy(call: Call) -> Response:
    """Queue deployments by uuid or tag."""
    inputs = await call.inputs()
    if refusal := _refusal(inputs):
        return answers.message(400, refusal)
    if isinstance(inputs.get("uuid"), list):
        return answers.server_error(call.request)
    if inputs.get("tag"):
        return _no_tags(inputs)
    uuids = [part for part in str(inputs["uuid"]).split(",") if part]
    if not uuids:
        return answers.message(400, "No UUIDs provided.")
    return _deploy_all(call, uuids, order=Order(force=is_true(inputs.get("force"))))


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


def _no_tags(inputs: Mapping[str, Any]) -> Response:
    """Answer for tags: the stand-in's applications carry none."""
    if not any(str(inputs["tag"]).split(",")):
        return answers.message(400, "No TAGs provided.")
    return answers.message(404, "No resources found with this tag.")


def _deploy_all(call: Call, uuids: list[str], *, order: Order) -> Response:
    found = [app for uuid in uuids if (app := call.store.applications.get(uuid))]
    if not found:
        return answers.message(404, "No resources found.")
    try:
        return answers.ok({"deployments": [_entry(call, app, order=order) for app in found]})
    except QueueFullError:
        answer = answers.message(429, answers.QUEUE_FULL)
        answer.headers["Retry-After"] = "60"
        return answer


def _entry(call: Call, app: Application, *, order: Order) -> dict[str, str]:
    """Return one line of the answer; a skipped request carries an id that was never stored."""
    row = call.office.queue.put(app, order)
    text = f"Application {app.name} deployment queued." if row else _SKIPPED
    return {"message": text, "resource_uuid": app.uuid, "deployment_uuid": row.uuid if row else new_uuid()}


def _queued(call: Call, app: Application, *, order: Order, text: str) -> Response:
    try:
        row = call.office.queue.put(app, order)
    except QueueFullError:
        return answers.ok({"message": text, "deployment_uuid": new_uuid()})
    if row is None:
        return answers.ok({"message": _SKIPPED})
    return answers.ok({"message": text, "deployment_uuid": row.uuid})
