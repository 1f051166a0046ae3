"""The application status that Coolify shows: a cache over all of an application's containers."""

from collections.abc import Sequence
from dataclasses import replace

from gonogo.local.coolify.ports import Fleet
from gonogo.local.coolify.records import Application, Look
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.version import UNKNOWN_HEALTH, at_least

# What a successful health wait writes is the bare word `running`; reading it adds the suffix.
AFTER_SWAP = "running:unhealthy"
_DEGRADED = "degraded:unhealthy"


def aggregate(looks: Sequence[Look]) -> str:
    """Return `state:health` over all containers of an application, old and new."""
    states = {look.state for look in looks}
    if states == {"running"}:
        return f"running:{_health(looks)}"
    if states == {"restarting"} and not any(look.restarts for look in looks):
        return "restarting:unknown"
    return _DEGRADED if states - {"exited"} else "exited:unhealthy"


def _health(looks: Sequence[Look]) -> str:
    found = {look.health for look in looks}
    if "unhealthy" in found:
        return "unhealthy"
    # A container that is still starting counts as healthy here.
    return "unknown" if found == {"none"} else "healthy"


class StatusBoard:
    """Looks at the containers now and then, and writes down what applications are."""

    def __init__(self, store: Store, fleet: Fleet) -> None:
        """Take the tables and the containers."""
        self._store = store
        self._fleet = fleet

    async def run(self) -> None:
        """Refresh every application for ever."""
        while True:
            await self._store.clock.sleep(self._store.server.status_seconds)
            self.refresh()

    def refresh(self) -> None:
        """Refresh every application now; when looking returns nothing, everything keeps its last value."""
        if self._store.server.status_stuck:
            return
        for app in self._store.applications:
            self._refresh(app)

    def set(self, uuid: str, status: str, *, restarts: int = 0) -> None:
        """Write an application's status down."""
        app = self._store.applications.get(uuid)
        if app is None or (app.fields.get("status"), app.fields.get("restart_count")) == (status, restarts):
            return
        fields = {**app.fields, "status": status, "restart_count": restarts}
        if status.startswith("running"):
            fields["last_online_at"] = self._store.now()
        self._store.applications.put(replace(app, fields=fields))

    def _refresh(self, app: Application) -> None:
        looks = [self._fleet.look(row.uuid) for row in self._store.containers if row.app == app.uuid]
        restarts = max((look.restarts for look in looks), default=0)
        status = aggregate(looks)
        if not at_least(self._store.server.version, UNKNOWN_HEALTH):
            status = status.replace(":unknown", ":unhealthy")
        self.set(app.uuid, status, restarts=restarts)
