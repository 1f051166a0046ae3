"""The deployment job: build, start new beside old, wait for health, swap, end.

What happens in which order follows docs/coolify.md, section 14.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from gonogo.local.coolify import faults
from gonogo.local.coolify.ports import Builder, BuildError, Fleet
from gonogo.local.coolify.records import (
    CANCELLED,
    FAILED,
    FINISHED,
    Application,
    Container,
    Deployment,
    HealthCheck,
)
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.status import AFTER_SWAP, StatusBoard
from gonogo.model import JSON, Checkout

_DEFAULT_GRACE_S = 30
_COPIED_LOG_LINES = 100


class CancelledDeploymentError(Exception):
    """The row was cancelled; the job stops where it is and cleans nothing up."""


class UnhealthyError(Exception):
    """The new container did not become healthy."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """What a job needs."""

    store: Store
    fleet: Fleet
    builder: Builder
    board: StatusBoard

    async def run(self, uuid: str, ended: Callable[[], None]) -> None:
        """Carry one deployment out.

        Args:
            uuid: the deployment.
            ended: called when its row has reached a final state, so that the next may start.
        """
        try:
            await self._deploy(uuid, ended)
        except CancelledDeploymentError:
            return
        except (BuildError, OSError) as error:
            self._log(uuid, str(error), stream="stderr")
            self._end(uuid, FAILED)
            self._close(uuid)
        finally:
            ended()

    async def _deploy(self, uuid: str, ended: Callable[[], None]) -> None:
        app = self._app(uuid)
        self._log(uuid, f"Starting deployment of {app.name}.")
        checkout = await self._build(uuid, app)
        self._stop_when_cancelled(uuid)
        new = self._container(uuid, app, checkout=checkout)
        if app.is_stop_first:
            await self._remove_others(app, keep=None)
        self._start(uuid, new)
        try:
            await self._wait_for_health(uuid, app, new=new)
        except UnhealthyError:
            await self._give_up(uuid, new, ended=ended)
            return
        await self._swap(uuid, app, new=new)
        ended()
        await self.store.clock.sleep(self.store.server.closing_seconds)
        self._close(uuid)

    async def _build(self, uuid: str, app: Application) -> Checkout:
        row = self._row(uuid)
        commit = await self.builder.resolve(app.text("git_repository") or "", row.commit)
        if row.commit != commit:
            self._update(uuid, replace(row, commit=commit))
        stale = any(fault.stale_build for fault in self._faults(app, commit))
        built = (self._running_commit(app) if stale else None) or commit
        self._log(uuid, f"Building docker image of {commit}.")
        return await self.builder.build(built)

    def _start(self, uuid: str, new: Container) -> None:
        self.store.containers.put(new)
        self.fleet.start(new)
        self._log(uuid, f"New container {new.uuid} started.")

    async def _wait_for_health(self, uuid: str, app: Application, *, new: Container) -> None:
        if new.health is None or app.is_stop_first:
            return
        self._log(uuid, "Waiting for healthcheck to pass on the new container.")
        await self.store.clock.sleep(new.health.start_period)
        for attempt in range(1, new.health.retries + 1):
            self._stop_when_cancelled(uuid)
            health = self.fleet.look(new.uuid).health
            self._log(uuid, f"Attempt {attempt} of {new.health.retries} | Healthcheck status: {health}")
            if health == "healthy":
                return
            if health == "unhealthy":
                break
            await self.store.clock.sleep(new.health.interval)
        raise UnhealthyError

    async def _swap(self, uuid: str, app: Application, *, new: Container) -> None:
        self._stop_when_cancelled(uuid)
        if new.health is not None and not app.is_stop_first:
            self.board.set(app.uuid, AFTER_SWAP)
        await self._remove_others(app, keep=new.uuid)
        self._log(uuid, "Rolling update completed.")
        self._end(uuid, FINISHED)

    async def _give_up(self, uuid: str, new: Container, *, ended: Callable[[], None]) -> None:
        self._log(uuid, "New container is not healthy, rolling back to the old container.", stream="stderr")
        self._end(uuid, FAILED)
        ended()
        self._log(uuid, self.fleet.logs(new.uuid, _COPIED_LOG_LINES))
        await self._remove(new, grace=0)
        self._log(uuid, "Rolling update completed.")
        self._close(uuid)

    async def _remove_others(self, app: Application, *, keep: str | None) -> None:
        grace = int(str(app.settings.get("stop_grace_period") or _DEFAULT_GRACE_S))
        for old in self.store.containers:
            if old.app == app.uuid and old.uuid != keep:
                await self._remove(old, grace=grace)

    async def _remove(self, container: Container, *, grace: float) -> None:
        await self.fleet.stop(container.uuid, grace=grace)
        self.store.containers.remove(container.uuid)

    # --- the new container ---

    def _container(self, uuid: str, app: Application, *, checkout: Checkout) -> Container:
        row = self._row(uuid)
        name = f"{app.uuid}-{self.store.clock.now():%H%M%S%f}"
        return Container(
            number=self.store.number(),
            uuid=name,
            app=app.uuid,
            service=app.name,
            commit=checkout.commit,
            path=checkout.path,
            python=checkout.python,
            environment=self._environment(app, row.commit, container=name),
            health=_health(app),
            serves=app.text("fqdn") is not None,
        )

    def _environment(self, app: Application, commit: str, *, container: str) -> Mapping[str, str]:
        """Return what the container gets: what Coolify injects, the variables over it, the faults over both."""
        fqdn = app.text("fqdn") or ""
        injected = {
            "SOURCE_COMMIT": commit,
            "COOLIFY_URL": fqdn,
            "COOLIFY_FQDN": fqdn.partition("://")[2],
            "COOLIFY_BRANCH": app.text("git_branch") or "",
            "COOLIFY_RESOURCE_UUID": app.uuid,
            "COOLIFY_CONTAINER_NAME": container,
            "HOST": "0.0.0.0",  # noqa: S104  # what Coolify says; the start command listens on loopback
        }
        own = {
            row.key: row.value or ""
            for row in self.store.variables
            if row.app == app.uuid and not row.is_preview and row.is_runtime
        }
        return faults.changed({**injected, **own}, self._faults(app, commit))

    def _faults(self, app: Application, commit: str) -> tuple[faults.Fault, ...]:
        return faults.hitting(self.store.faults, service=app.name, commit=commit)

    def _running_commit(self, app: Application) -> str | None:
        commits = [row.commit for row in self.store.containers if row.app == app.uuid]
        return commits[-1] if commits else None

    # --- the row ---

    def _row(self, uuid: str) -> Deployment:
        row = self.store.deployments.get(uuid)
        if row is None:
            raise CancelledDeploymentError
        return row

    def _app(self, uuid: str) -> Application:
        app = self.store.applications.get(self._row(uuid).app)
        if app is None:
            message = "The application is gone."
            raise BuildError(message)
        return app

    def _stop_when_cancelled(self, uuid: str) -> None:
        if self._row(uuid).status == CANCELLED:
            raise CancelledDeploymentError

    def _update(self, uuid: str, row: Deployment) -> None:
        if self.store.deployments.get(uuid) is not None:
            self.store.deployments.put(replace(row, updated_at=self.store.now()))

    def _end(self, uuid: str, status: str) -> None:
        """Write a final state down; one that is there already never changes again."""
        row = self._row(uuid)
        if row.status not in {CANCELLED, FINISHED, FAILED}:
            self._update(uuid, replace(row, status=status))

    def _close(self, uuid: str) -> None:
        self._update(uuid, replace(self._row(uuid), finished_at=self.store.now()))
        self.board.refresh()

    def _log(self, uuid: str, output: str, *, stream: str = "stdout") -> None:
        row = self._row(uuid)
        line: dict[str, JSON] = {
            "command": None,
            "output": output,
            "type": stream,
            "timestamp": self.store.now(),
            "hidden": False,
            "batch": 1,
            "order": len(row.logs) + 1,
        }
        self._update(uuid, replace(row, logs=(*row.logs, line)))


def _health(app: Application) -> HealthCheck | None:
    if not app.fields.get("health_check_enabled"):
        return None
    return HealthCheck(
        path=app.text("health_check_path") or "/",
        interval=app.number_of("health_check_interval"),
        timeout=app.number_of("health_check_timeout"),
        retries=app.number_of("health_check_retries"),
        start_period=app.number_of("health_check_start_period"),
    )
