"""Rollback to a commit, and the images that are there for it (since 4.3)."""

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint
from gonogo.local.coolify.queue import Order, QueueFullError
from gonogo.local.coolify.records import FINISHED, Application
from gonogo.local.coolify.version import ROLLBACK


async def images(call: Call) -> Response:
    """Return the images that are kept; which one runs is known for a container with a fixed name only."""
    app = call.application()
    if not call.store.server.reachable:
        return answers.ok({"current": None, "images": []})
    current = next((row.image.rpartition(":")[2] for row in call.store.containers if row.uuid == app.uuid), None)
    return answers.ok({"current": current, "images": [_listed(tag, at, current) for tag, at in _kept(call, app)]})


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


def _kept(call: Call, app: Application) -> list[tuple[str, str]]:
    """Return the tags that cleaning up has left, with the times of their images; a digest's name never matches."""
    kept = int(str(app.settings["docker_images_to_keep"]))
    if app.is_image:
        name = app.text("docker_registry_image_name") or ""
        tags = {
            each.image.rpartition(":")[2]: each.started_at for each in call.store.containers if each.app == app.uuid
        }
        return [] if name.endswith("@sha256") else [*tags.items()][:kept]
    built = [row for row in call.store.deployments if row.app == app.uuid and row.status == FINISHED]
    newest = sorted({row.commit: row for row in built}.values(), key=lambda row: -row.number)[:kept]
    return [(row.commit, row.updated_at) for row in newest]


def _listed(tag: str, created_at: str, current: str | None) -> dict[str, object]:
    return {"tag": tag, "created_at": _docker_time(created_at), "is_current": tag == current}


def _docker_time(stamp: str) -> str:
    return f"{stamp[:10]} {stamp[11:19]} +0000 UTC"
