"""What a job is while it is queued and while it runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from uuid import UUID

from backend.core.build import Build
from backend.core.errors import ServiceError
from backend.db.unit_of_work import Connection

ENVELOPE = 1
ATTEMPTS = 5
# Tells people how far a job is: percent from 0 to 100, and a few words.
Report = Callable[[int, str], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class NewJob:
    """A job to enqueue.

    Attributes:
        kind: One that the database's valid_job_type check knows.
        twin_id: The twin that it belongs to; None for the service's own.
        idempotency_key: What makes enqueuing it twice harmless.
        payload: What the handler needs, as JSON.
        run_at: Not before this moment; None is at once.
        priority: Smaller runs sooner.
        max_attempts: Failures until it is given up, at least 1; losing its worker is not one.
        envelope: The version of the payload's form.
    """

    kind: str
    twin_id: UUID | None
    idempotency_key: str
    payload: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    run_at: datetime | None = None
    priority: int = 0
    max_attempts: int = ATTEMPTS
    envelope: int = ENVELOPE


async def say_nothing(_percent: int, _note: str) -> None:
    """Tell nobody how far a job is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedJob:
    """A job that this worker holds, until its lease runs out.

    Attributes:
        id: The job.
        kind: Which handler it is for.
        twin_id: The twin that it belongs to; None for the service's own.
        idempotency_key: For effects outside of the database: the same in every attempt.
        payload: What the handler needs.
        attempt: 1 for the first run; together with the worker it fences every write.
        max_attempts: The last attempt that may be made.
        worker_id: The worker that holds it.
        is_told: Whether a message named it here before it was claimed; else polling found it.
        report: Tells people how far it is, at once and whatever becomes of the attempt.
    """

    id: UUID
    kind: str
    twin_id: UUID | None
    idempotency_key: str
    payload: Mapping[str, object]
    attempt: int
    max_attempts: int
    worker_id: str
    is_told: bool = field(default=False, compare=False)
    report: Report = field(default=say_nothing, compare=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerIdentity:
    """One worker process.

    Attributes:
        id: Unique among all workers, ever.
        host: The machine or container.
        pid: The process.
        build: What it was built from.
        fingerprint: A keyed hash of its settings; None without a key.
        secrets: A keyed hash of each secret that it uses, by its variable.
    """

    id: str
    host: str
    pid: int
    build: Build
    fingerprint: str | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Connection, ClaimedJob], Awaitable[None]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """How one kind of job is run.

    Attributes:
        run: The handler; what it writes through its connection is committed together with the job's end.
        timeout: An attempt that takes longer has failed.
        limit: How many may run at once in all workers together; None is as many as there are slots.
    """

    run: Handler
    timeout: timedelta = timedelta(minutes=5)
    limit: int | None = None


class RetryJobError(ServiceError):
    """Raised by a handler: try again, not before some time; its attempt counts.

    Attributes:
        delay: How long to wait at least.
    """

    slug = "job-retry"
    title = "The job must be tried again later"

    def __init__(self, detail: str, *, delay: timedelta) -> None:
        """Keep what a person should know, and the time.

        Args:
            detail: What happened, without a secret.
            delay: How long to wait at least.
        """
        super().__init__(detail)
        self.delay = delay


class GiveUpJobError(ServiceError):
    """Raised by a handler: no further attempt can succeed."""

    slug = "job-given-up"
    title = "The job cannot succeed"
