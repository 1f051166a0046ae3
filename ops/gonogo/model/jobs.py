"""The records of a service's job queue, as its operator sees it."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueRow:
    """The jobs of one kind in one state.

    Attributes:
        state: `ready` (waits for a worker), `delayed` (waits for its time), `running` or `dead`.
        count: how many.
        oldest_s: seconds that the oldest has been ready or dead; None for the other states.
    """

    kind: str
    state: str
    count: int
    oldest_s: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueForm:
    """The jobs of one kind, not over, whose payloads have one form."""

    kind: str
    envelope: int
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """What a worker can run: some kinds of jobs, up to a form of their payloads."""

    envelope: int
    kinds: tuple[str, ...]

    def reads(self, form: QueueForm) -> bool:
        """Return whether it can run jobs of a form."""
        return form.kind in self.kinds and form.envelope <= self.envelope


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueFacts:
    """What a queue holds.

    Attributes:
        rows: by kind and state.
        ended: jobs that ended within the last hour, the newest thousand at most.
        failed: how many of them were given up.
        forms: the jobs that are not over, by kind and form.
        readers: what the workers that beat can run; None where one of them does not say, and where none beats.
    """

    rows: tuple[QueueRow, ...]
    ended: int
    failed: int
    forms: tuple[QueueForm, ...] = ()
    readers: tuple[Reader, ...] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcomes:
    """How many jobs came to their end in a stretch of time, and how many of them were given up."""

    ended: int
    failed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class JobLine:
    """One line of a job's log.

    Attributes:
        attempt: which run, from 1; 0 before the first.
        event: what happened.
        worker_id: who ran it; empty when a person did it.
        detail: in words; empty when there is nothing to say.
    """

    at: datetime
    attempt: int
    event: str
    worker_id: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class QueuedJob:
    """A job with its log.

    Attributes:
        due_at: when a worker may take it; while it runs, when its lease runs out.
        error: what last went wrong; empty when nothing did.
        log: oldest first.
    """

    id: str
    kind: str
    status: str
    attempts: int
    max_attempts: int
    created_at: datetime
    due_at: datetime
    finished_at: datetime | None
    worker_id: str
    error: str
    log: tuple[JobLine, ...] = ()
