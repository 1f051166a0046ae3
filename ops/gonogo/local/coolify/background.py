"""What Coolify does some time after its answer: stopping, backups, one-off runs of scheduled tasks."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace

from gonogo.local.coolify import notifying
from gonogo.local.coolify.ports import Executed, Fleet
from gonogo.local.coolify.records import Application, Container
from gonogo.local.coolify.resources import FAILED, RUNNING, SUCCESS, BackupRun, Database, Schedule, Task, TaskRun
from gonogo.local.coolify.state import Store
from gonogo.model import JSON

_STOP_GRACE_S = 30
_AMBIGUOUS = "Job permanently failed after 1 attempts: no single container of the application could be chosen"


@dataclass(frozen=True, kw_only=True, slots=True)
class Background:
    """Work that nobody waits for."""

    store: Store
    fleet: Fleet
    tasks: set[asyncio.Future[None]] = field(default_factory=set)

    def stop(self, app: Application) -> None:
        """Stop and remove every container of an application."""
        self._later(self._stop(app))

    def back_up(self, database: Database, schedule: Schedule) -> None:
        """Dump each name of a schedule; silently nothing when the database does not run, or a run is in progress."""
        busy = any(run.status == RUNNING for run in self.store.backups if run.schedule == schedule.uuid)
        if not busy and database.status.startswith("running"):
            runs = [self._begun(schedule, name) for name in self._names(database, schedule)]
            self._later(self._dump(database, schedule, runs))

    def execute(self, task: Task, app: Application) -> None:
        """Run a task once, in the one container that runs; it fails where there are several to choose from."""
        now = self.store.now()
        run = TaskRun(
            number=self.store.number(),
            uuid=self.store.new_uuid(),
            task=task.uuid,
            status=RUNNING,
            started_at=now,
            created_at=now,
            updated_at=now,
        )
        self._later(self._run(task, app, self.store.task_runs.put(run)))

    async def close(self) -> None:
        """End what is still being done, where it is."""
        for task in tuple(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _stop(self, app: Application) -> None:
        for container in self.store.containers:
            if container.app == app.uuid:
                await self.fleet.stop(container.uuid, grace=_STOP_GRACE_S)
                self.store.containers.remove(container.uuid)

    # --- backups ---

    def _names(self, database: Database, schedule: Schedule) -> tuple[str, ...]:
        return ("all",) if schedule.dump_all else schedule.databases or (database.schema,)

    def _begun(self, schedule: Schedule, name: str) -> BackupRun:
        now = self.store.now()
        run = BackupRun(
            number=self.store.number(),
            uuid=self.store.new_uuid(),
            schedule=schedule.uuid,
            status=RUNNING,
            database_name=name,
            created_at=now,
            updated_at=now,
        )
        return self.store.backups.put(run)

    async def _dump(self, database: Database, schedule: Schedule, runs: list[BackupRun]) -> None:
        for run in runs:
            await self.store.clock.sleep(schedule.backup_seconds)
            self.store.backups.put(self._dumped(database, schedule, run))

    def _dumped(self, database: Database, schedule: Schedule, run: BackupRun) -> BackupRun:
        """Return how one dump ended: an empty one has failed; a failed upload is a success with a warning."""
        now = self.store.now()
        ended = replace(run, finished_at=now, updated_at=now)
        told: dict[str, JSON] = {
            "database_name": run.database_name,
            "database_uuid": database.uuid,
            "frequency": schedule.frequency,
        }
        if not schedule.dump_bytes:
            notifying.send(self.store, "backup_failure", {"success": False, "event": "backup_failed", **told})
            return replace(ended, status=FAILED, message="Backup file is empty.", size=0)
        warned = schedule.upload not in {"", "ok"}
        event = "backup_success_with_s3_warning" if warned else "backup_success"
        notifying.send(self.store, "backup_success", {"success": True, "event": event, **told})
        kind = "gz" if schedule.dump_all else "dmp"
        return replace(
            ended,
            status=SUCCESS,
            size=schedule.dump_bytes,
            filename=f"/data/coolify/backups/{database.uuid}/pg-dump-{run.database_name}-{run.number}.{kind}",
            message=schedule.upload if warned else None,
            uploaded=None if not schedule.upload else not warned,
        )

    # --- scheduled tasks ---

    async def _run(self, task: Task, app: Application, run: TaskRun) -> None:
        container = self._chosen(task, app)
        began = self.store.clock.now()
        done = Executed(code=1, output=_AMBIGUOUS)
        if container:
            done = await self.fleet.execute(container.uuid, task.command, seconds=task.timeout)
        took = (self.store.clock.now() - began).total_seconds()
        good = done.code == 0
        said = done.output if good or not container else f"Job permanently failed after 1 attempts: {done.output}"
        now = self.store.now()
        self.store.task_runs.put(
            replace(
                run,
                status=SUCCESS if good else FAILED,
                message=said,
                error_details=None if good else said,
                duration=f"{took:.2f}",
                finished_at=now,
                updated_at=now,
            )
        )
        kind = "success" if good else "failure"
        body: dict[str, JSON] = {
            "success": good,
            "event": f"task_{'success' if good else 'failed'}",
            "task_name": task.name,
        }
        notifying.send(self.store, f"scheduled_task_{kind}", body)

    def _chosen(self, task: Task, app: Application) -> Container | None:
        """Return the container to run in: the only one, or the one that the task names."""
        running = [
            row for row in self.store.containers if row.app == app.uuid and self.fleet.look(row.uuid).state == "running"
        ]
        if task.container:
            running = [row for row in running if row.uuid.startswith(task.container)]
        return running[0] if len(running) == 1 else None
