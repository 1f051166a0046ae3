"""Rollback to a commit, and the images that are there for it (since 4.3)."""

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint
from gonogo.local.coolify.queue import Order, QueueFullError
from gonogo.local.coolify.records import FINISHED, Application
from gonogo.local.coolify.version import ROLLBACK


async def images(call: Call) -> Response:
    """Return the builds that are kept; which one runs is not known for a rolling application."""
    app = call.application()
    kept = int(str(app.settings["docker_images_to_keep"]))
    built = [row for row in call.store.deployments if row.app == app.uuid and row.status == FINISHED]
    newest = sorted({row.commit: row for row in built}.values(), key=lambda row: -row.number)[:kept]
    listed = [{"tag": row.commit, "created_at": _docker_time(row.updated_at), "is_current": False} for row in newest]
    return answers.ok({"current": None, "images": listed})


async def rollback(call: Call) -> Response:
    """Queue a deployment of a commit; whether its image is there is not checked."""
    app, body = call.application(), await call.body()
    errors = {key: ["This field is not allowed."] for key in body if key != "commit"}
    if not isinstance(body.get("commit"), str):
        errors["commit"] = ["The commit field is required."]
    if errors:
        return answers.invalid(errors)
    return _queued(call, app, order=Order(commit=body["commit"], rollback=True))


ENDPOINTS = (
    Endpoint(method="GET", path="/applications/{uuid}/rollback-images", ability="read", handler=images, since=ROLLBACK),
    Endpoint(method="POST", path="/applications/{uuid}/rollback", ability="deploy", handler=rollback, since=ROLLBACK),
)


def _queued(call: Call, app: Application, *, order: Order) -> Response:
    try:
        row = call.office.queue.put(app, order)
    except QueueFullError:
        return answers.message(400, answers.QUEUE_FULL)
    return answers.message(200, "Rollback deployment queued.", deployment_uuid=row.uuid if row else None)


def _docker_time(stamp: str) -> str:
    return f"{stamp[:10]} {stamp[11:19]} +0000 UTC"
