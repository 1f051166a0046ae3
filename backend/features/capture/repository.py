"""The queries of capture."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, true, update

from backend.db.models import Thought
from backend.db.unit_of_work import Connection
from backend.jobs import enqueue
from backend.jobs.records import NewJob


@dataclass(frozen=True, kw_only=True, slots=True)
class Captured:
    """A thought that is committed together with its job.

    Attributes:
        thought_id: The thought.
        job_id: The job that processes it.
        created_at: When it was captured.
        source: Who will have processed it.
    """

    thought_id: UUID
    job_id: UUID
    created_at: datetime
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredThought:
    """A thought as it is stored.

    Attributes:
        id: The thought.
        text: As it was captured.
        title: What processing made of it; None before.
        source: Who has processed it, or will.
        created_at: When it was captured.
        processed_at: When it was processed; None before.
    """

    id: UUID
    text: str
    title: str | None
    source: str
    created_at: datetime
    processed_at: datetime | None


_thought = (
    insert(Thought)
    .values(id=bindparam("thought_id"), twin_id=bindparam("thought_twin_id"), text=bindparam("thought_text"))
    .returning(Thought.created_at, Thought.source)
    .cte("thought")
)
_job = enqueue.insert_statement().cte("job")
_INSERT = select(_thought.c.created_at, _thought.c.source, _job.c.id.label("job_id")).join_from(_thought, _job, true())
_FIND = select(Thought.id, Thought.text, Thought.title, Thought.source, Thought.created_at, Thought.processed_at).where(
    Thought.id == bindparam("thought_id"), Thought.twin_id == bindparam("twin_id")
)
_READ = select(Thought.text).where(Thought.id == bindparam("thought_id"))
_MARK = (
    update(Thought)
    .where(Thought.id == bindparam("thought_id"))
    .values(title=bindparam("thought_title"), source=bindparam("thought_source"), processed_at=func.now())
)


async def insert_with_job(connection: Connection, thought_id: UUID, *, text: str, job: NewJob) -> Captured:
    """Insert a thought and its job by one statement: both or neither.

    Args:
        connection: An open connection.
        thought_id: The new thought.
        text: What it says.
        job: The job that processes it; names the twin.
    """
    values = {"thought_id": thought_id, "thought_twin_id": job.twin_id, "thought_text": text, **enqueue.parameters(job)}
    row = (await connection.execute(_INSERT, values)).one()
    return Captured(thought_id=thought_id, job_id=row.job_id, created_at=row.created_at, source=row.source)


async def find(connection: Connection, thought_id: UUID, *, twin_id: UUID) -> StoredThought | None:
    """Return a twin's thought, None when there is none.

    Args:
        connection: An open connection.
        thought_id: The thought.
        twin_id: Whose it must be.
    """
    result = await connection.execute(_FIND, {"thought_id": thought_id, "twin_id": twin_id})
    row = result.mappings().one_or_none()
    return None if row is None else StoredThought(**row)


async def text_of(connection: Connection, thought_id: UUID) -> str | None:
    """Return what a thought says, None when it is gone.

    Args:
        connection: The job's transaction.
        thought_id: The thought.
    """
    text: str | None = await connection.scalar(_READ, {"thought_id": thought_id})
    return text


async def mark_processed(connection: Connection, thought_id: UUID, *, title: str, source: str) -> None:
    """Keep what processing made of a thought.

    Args:
        connection: The job's transaction.
        thought_id: The thought.
        title: Its title.
        source: Who has processed it.
    """
    values = {"thought_id": thought_id, "thought_title": title, "thought_source": source}
    await connection.execute(_MARK, values)
