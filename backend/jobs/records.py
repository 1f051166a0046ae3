"""What a job is while it is queued and while it runs."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from uuid import UUID

from backend.core.build import Build
from backend.db.unit_of_work import Connection

ENVELOPE = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class NewJob:
    """A job to enqueue.

    Attributes:
        kind: One that the database's valid_job_type check knows.
        twin_id: The twin that it belongs to.
        idempotency_key: What makes enqueuing it twice harmless.
        payload: What the handler needs, as JSON.
    """

    kind: str
    twin_id: UUID
    idempotency_key: str
    payload: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimedJob:
    """A job that this worker holds, until its lease runs out.

    Attributes:
        id: The job.
        kind: Which handler it is for.
        twin_id: The twin that it belongs to.
        payload: What the handler needs.
        attempt: 1 for the first run; together with the worker it fences every write.
        max_attempts: The last attempt that may be made.
        worker_id: The worker that holds it.
    """

    id: UUID
    kind: str
    twin_id: UUID
    payload: Mapping[str, object]
    attempt: int
    max_attempts: int
    worker_id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WorkerIdentity:
    """One worker process.

    Attributes:
        id: Unique among all workers, ever.
        host: The machine or container.
        pid: The process.
        build: What it was built from.
    """

    id: str
    host: str
    pid: int
    build: Build


Handler = Callable[[Connection, ClaimedJob], Awaitable[None]]
