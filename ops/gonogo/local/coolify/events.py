"""What other people and Coolify itself do in the middle of things, when a fault says so."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from gonogo.local.coolify.calls import Office
from gonogo.local.coolify.queue import Order
from gonogo.local.coolify.records import ACTIVE, FINISHED, Application
from gonogo.local.coolify.resources import Image

Event = Callable[[Office, Application], None]


def happen(name: str, office: Office, app: Application) -> None:
    """Let an event happen around an application."""
    _EVENTS[name](office, app)


def _cancel(office: Office, app: Application) -> None:
    for row in office.store.deployments:
        if row.app == app.uuid and row.status in ACTIVE:
            office.queue.cancel(row)


def _restart(office: Office, _: Application) -> None:
    office.queue.crash()


def _redeploy_old(office: Office, app: Application) -> None:
    ended = [row.commit for row in office.store.deployments if row.app == app.uuid and row.status == FINISHED]
    office.queue.put(app, Order(commit=ended[-1] if ended else None, force=True))


def _same_deployed(office: Office, app: Application) -> None:
    office.queue.put(app, Order())


def _push(office: Office, app: Application) -> None:
    office.queue.put(app, Order(commit=app.text("git_branch"), force=True, by_push=True))


def _overwrite_pin(office: Office, app: Application) -> None:
    changed = {"docker_registry_image_tag": "latest"} if app.is_image else {"git_commit_sha": "HEAD"}
    office.store.applications.put(replace(app, fields={**app.fields, **changed}))


def _move_tag(office: Office, app: Application) -> None:
    running = [row.commit for row in office.store.containers if row.app == app.uuid]
    if running:
        office.store.images.put(Image(uuid=app.image, commit=running[-1]))


def _stop(office: Office, app: Application) -> None:
    office.stop(app)


_EVENTS: Mapping[str, Event] = MappingProxyType(
    {
        "cancel": _cancel,
        "restart": _restart,
        "redeploy-old": _redeploy_old,
        "same-deployed": _same_deployed,
        "push": _push,
        "overwrite-pin": _overwrite_pin,
        "move-tag": _move_tag,
        "stop": _stop,
    }
)
