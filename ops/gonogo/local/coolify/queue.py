"""The deployment queue: who may start, who waits, who is skipped."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from gonogo.local.coolify.records import (
    ACTIVE,
    CANCELLED,
    IN_PROGRESS,
    QUEUED,
    Application,
    Deployment,
)
from gonogo.local.coolify.state import Store
from gonogo.local.coolify.version import CANCEL_ADVANCES, COMMIT_KEY, QUEUE_LIMIT, SKIPS_IDENTICAL, at_least

Job = Callable[[str, Callable[[], None]], Awaitable[None]]


class QueueFullError(Exception):
    """No more deployments may wait on this server."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What was asked for.

    Attributes:
        commit: a ref that replaces the application's own; None for its own.
        at_once: starts now, whatever else runs.
        by_push: a push asked for it, not the API.
    """

    commit: str | None = None
    force: bool = False
    rollback: bool = False
    restart_only: bool = False
    at_once: bool = False
    by_push: bool = False


class Queue:
    """Deployments, one at a time for each application."""

    def __init__(self, store: Store, job: Job) -> None:
        """Take the tables, and the job: its arguments are a row's uuid and what to call when it has ended."""
        self._store = store
        self._job = job
        self._tasks: set[asyncio.Future[None]] = set()
        self._closed = False

    def put(self, app: Application, order: Order) -> Deployment | None:
        """Queue a deployment and return its row; None when an identical one is queued or runs.

        Raises:
            QueueFullError: too many wait already.
        """
        if self._has(QUEUE_LIMIT) and len(self._with_status(QUEUED)) >= self._store.server.queue_limit:
            raise QueueFullError
        commit = order.commit or self._commit_key(app)
        if not self._is_new(order) and self._identical(app, commit):
            return None
        row = self._store.deployments.put(self._row(app, commit=commit, order=order))
        if order.at_once:
            self._start(row)
        self.advance()
        return self._store.deployments.get(row.uuid)

    def cancel(self, row: Deployment) -> Deployment:
        """Flip a row to cancelled; its job notices by itself. Older servers do not let the next one start."""
        row = self._store.deployments.put(replace(row, status=CANCELLED, updated_at=self._store.now()))
        if self._has(CANCEL_ADVANCES):
            self.advance()
        return row

    def strand(self, app: Application) -> None:
        """Set a new row in progress that no job belongs to; it blocks its application until Coolify restarts."""
        row = self._row(app, commit=self._commit_key(app), order=Order())
        self._store.deployments.put(replace(row, status=IN_PROGRESS))

    def crash(self) -> None:
        """Do what a restart of Coolify does: every job ends where it is, and every active row has failed."""
        for task in tuple(self._tasks):
            task.cancel()
        self._store.fail_interrupted()

    def advance(self) -> None:
        """Start what may start, oldest first."""
        if self._closed:
            return
        for row in self._with_status(QUEUED):
            if self._may_start(row):
                self._start(row)

    async def close(self) -> None:
        """Stop every job where it is, as when Coolify's process ends."""
        self._closed = True
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _has(self, since: str) -> bool:
        return at_least(self._store.server.version, since)

    def _is_new(self, order: Order) -> bool:
        return order.force or order.rollback or order.at_once or not self._has(SKIPS_IDENTICAL)

    def _commit_key(self, app: Application) -> str:
        keyed = self._has(COMMIT_KEY)
        return (app.text("git_commit_sha") if keyed else None) or "HEAD"

    def _with_status(self, *statuses: str) -> list[Deployment]:
        return [row for row in self._store.deployments if row.status in statuses]

    def _identical(self, app: Application, commit: str) -> bool:
        return any(row.app == app.uuid and row.commit == commit for row in self._with_status(*ACTIVE))

    def _may_start(self, row: Deployment) -> bool:
        running = self._with_status(IN_PROGRESS)
        room = len(running) < self._store.server.concurrent_builds
        return room and all(other.app != row.app for other in running)

    def _row(self, app: Application, *, commit: str, order: Order) -> Deployment:
        now = self._store.now()
        return Deployment(
            number=self._store.number(),
            uuid=self._store.new_uuid(),
            app=app.uuid,
            commit=commit,
            status=QUEUED,
            created_at=now,
            updated_at=now,
            force_rebuild=order.force,
            restart_only=order.restart_only,
            rollback=order.rollback,
            is_api=not order.by_push,
            is_webhook=order.by_push,
        )

    def _start(self, row: Deployment) -> None:
        self._store.deployments.put(replace(row, status=IN_PROGRESS, updated_at=self._store.now()))
        task = asyncio.ensure_future(self._job(row.uuid, self.advance))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
