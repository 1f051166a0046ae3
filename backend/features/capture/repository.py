"""The queries of capture."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ARRAY, Text, bindparam, delete, func, select, text, true, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.engine import RowMapping
from sqlalchemy.sql.elements import ColumnElement

from backend.db.models import Job, Person, Project, Thought, Twin, User
from backend.db.unit_of_work import Connection
from backend.features.capture.schemas import Source
from backend.jobs import enqueue
from backend.jobs.records import NewJob
from backend.knowledge.findings import Findings, FoundTask
from backend.knowledge.names import key_of
from backend.web.cursors import Place

_NAMES_MAX = 200
JOB_KEY = "thought.process:"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewThought:
    """A thought to keep.

    Attributes:
        id: The new thought.
        text: What it says.
        key: What its sender calls the request; None is nothing.
        request_hash: SHA-256 of the request; None without a key.
    """

    id: UUID
    text: str
    key: str | None = None
    request_hash: bytes | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptThought:
    """A thought that is committed together with its job, and what whoever looks through it should know.

    Attributes:
        twin_id: Whose it is.
        is_keyed: Whether its request has a key, so that its answer is kept.
        job_id: The job that looks through it, unless somebody has before; None when it is deleted.
        timezone: Where its owner lives, as it is stored.
        projects: Names that are known, the latest first.
        people: Names that are known, the latest first.
    """

    id: UUID
    twin_id: UUID
    text: str
    created_at: datetime
    is_keyed: bool
    job_id: UUID | None
    timezone: str
    projects: tuple[str, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredThought:
    """A thought as it is stored.

    Attributes:
        id: The thought.
        text: As it was captured.
        title: What processing made of it; None before.
        source: Who has processed it, or will.
        reason: Why the built-in rules did it; None when the provider did, or before.
        created_at: When it was captured.
        processed_at: When it was processed; None before.
    """

    id: UUID
    text: str
    title: str | None
    source: Source
    reason: str | None
    created_at: datetime
    processed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierRequest:
    """What became of the request that had a key first.

    Attributes:
        kept: The thought that it captured.
        request_hash: SHA-256 of the request.
        body: Its answer; None before it was answered.
        is_processed: Whether the thought was looked through.
        age: How long ago it came.
    """

    kept: KeptThought
    request_hash: bytes
    body: str | None
    is_processed: bool
    age: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Processed:
    """What processing made of a thought.

    Attributes:
        source: Who has processed it.
        title: Its title; None when it was not processed yet.
        reason: Why it was the built-in rules; None when it was the provider.
        findings: What was found in it.
    """

    source: Source
    title: str | None = None
    reason: str | None = None
    findings: Findings = field(default_factory=Findings)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What is settled together with a thought.

    Attributes:
        body: The answer to its request, kept for its repetition; None keeps none.
        job_id: The job that need not run any more; None leaves it alone.
        job_result: Who has done it in its place.
    """

    body: str | None = None
    job_id: UUID | None = None
    job_result: Mapping[str, str] | None = None


def _latest(model: type[Project | Person], twin_id: ColumnElement[UUID]) -> ColumnElement[Any]:
    names = select(model.name).where(model.twin_id == twin_id).order_by(model.created_at.desc()).limit(_NAMES_MAX)
    return func.array(names.scalar_subquery(), type_=ARRAY(Text()))


def _zone(twin_id: ColumnElement[UUID]) -> ColumnElement[Any]:
    return select(User.timezone).join(Twin, Twin.user_id == User.id).where(Twin.id == twin_id).scalar_subquery()


_is_keyed = Thought.idempotency_key.is_not(None).label("is_keyed")
_thought = (
    insert(Thought)
    .values(
        id=bindparam("thought_id"),
        twin_id=bindparam("thought_twin_id"),
        text=bindparam("thought_text"),
        idempotency_key=bindparam("thought_key"),
        request_hash=bindparam("thought_hash"),
    )
    .on_conflict_do_nothing(
        index_elements=[Thought.twin_id, Thought.idempotency_key], index_where=Thought.idempotency_key.is_not(None)
    )
    .returning(Thought.id, Thought.twin_id, Thought.text, Thought.created_at, _is_keyed)
    .cte("thought")
)
_job = enqueue.insert_statement(after=_thought).cte("job")
_INSERT = select(
    _thought.c.id,
    _thought.c.twin_id,
    _thought.c.text,
    _thought.c.created_at,
    _thought.c.is_keyed,
    _job.c.id.label("job_id"),
    _zone(_thought.c.twin_id).label("timezone"),
    _latest(Project, _thought.c.twin_id).label("projects"),
    _latest(Person, _thought.c.twin_id).label("people"),
).join_from(_thought, _job, true())
_KEPT = select(
    Thought.id,
    Thought.twin_id,
    Thought.text,
    Thought.created_at,
    _is_keyed,
    select(Job.id).where(Job.idempotency_key == func.concat(JOB_KEY, Thought.id)).scalar_subquery().label("job_id"),
    _zone(Thought.twin_id.expression).label("timezone"),
    _latest(Project, Thought.twin_id.expression).label("projects"),
    _latest(Person, Thought.twin_id.expression).label("people"),
)
_UNPROCESSED = _KEPT.where(Thought.id == bindparam("thought_id"), Thought.processed_at.is_(None))
_EARLIER = _KEPT.add_columns(
    Thought.request_hash,
    Thought.answer["body"].astext.label("body"),
    Thought.processed_at.is_not(None).label("is_processed"),
    (func.now() - Thought.created_at).label("age"),
).where(Thought.twin_id == bindparam("twin_id"), Thought.idempotency_key == bindparam("thought_key"))
_COLUMNS = (
    Thought.id,
    Thought.text,
    Thought.title,
    Thought.source,
    Thought.reason,
    Thought.created_at,
    Thought.processed_at,
)
_FIND = select(*_COLUMNS).where(Thought.id == bindparam("thought_id"), Thought.twin_id == bindparam("twin_id"))
# The first answer stays: whoever comes later gets it, and does not replace it.
_KEEP_ANSWER = (
    update(Thought)
    .where(Thought.id == bindparam("thought_id"))
    .values(answer=func.coalesce(Thought.answer, bindparam("thought_answer", type_=JSONB())))
    .returning(Thought.answer["body"].astext)
)
_DELETE = (
    delete(Thought)
    .where(Thought.id == bindparam("thought_id"), Thought.twin_id == bindparam("twin_id"))
    .returning(Thought.id)
)
# One statement, so that it is all or nothing and one round trip: nothing is written unless `done` takes the thought.
# Names are sorted, so that two that write at once never wait for each other; they are updated with what they are, or
# a name that another transaction has just added would have no id here.
_WRITE = text(
    """
    WITH done AS (
      UPDATE thoughts SET title = :title, source = :source, reason = :reason, processed_at = now(),
        answer = coalesce(answer, :answer)
      WHERE id = :thought_id AND processed_at IS NULL RETURNING id, twin_id
    ), job AS (
      UPDATE jobs SET status = 'done', result = :job_result, error = NULL, finished_at = now()
      FROM done WHERE jobs.id = :job_id AND jobs.status = 'queued' RETURNING jobs.id, jobs.attempts
    ), logged AS (
      INSERT INTO job_logs (job_id, attempt, event, detail) SELECT id, attempts, 'done', 'with its request' FROM job
    ), project AS (
      INSERT INTO projects (twin_id, name, key)
      SELECT done.twin_id, said.name, said.key
      FROM done, jsonb_to_recordset(:projects) AS said (name text, key text) ORDER BY said.key
      ON CONFLICT (twin_id, key) DO UPDATE SET key = excluded.key RETURNING id, key
    ), person AS (
      INSERT INTO people (twin_id, name, key)
      SELECT done.twin_id, said.name, said.key
      FROM done, jsonb_to_recordset(:people) AS said (name text, key text) ORDER BY said.key
      ON CONFLICT (twin_id, key) DO UPDATE SET key = excluded.key RETURNING id, key
    ), task AS (
      INSERT INTO tasks (id, twin_id, thought_id, project_id, title, notes, priority, due_on, due_at, due_zone,
        recurrence, estimate_minutes, labels, source)
      SELECT said.id, done.twin_id, done.id, project.id, said.title, said.notes, said.priority, said.due_on,
        said.due_at, said.due_zone, said.recurrence, said.estimate_minutes, said.labels, 'capture'
      FROM done, jsonb_to_recordset(:tasks) AS said (id uuid, title text, notes text, priority bigint, due_on date,
        due_at timestamptz, due_zone text, recurrence text, estimate_minutes bigint, labels text[], project_key text)
      LEFT JOIN project ON project.key = said.project_key
    ), finding AS (
      INSERT INTO findings (id, twin_id, thought_id, kind, text, on_day, at, person_id, project_id)
      SELECT said.id, done.twin_id, done.id, said.kind, said.text, said.on_day, said.at, person.id, project.id
      FROM done, jsonb_to_recordset(:findings) AS said (id uuid, kind text, text text, on_day date, at timestamptz,
        key text)
      LEFT JOIN person ON said.kind = 'person' AND person.key = said.key
      LEFT JOIN project ON said.kind = 'project' AND project.key = said.key
    )
    SELECT id FROM done
    """
).bindparams(
    *(bindparam(name, type_=JSONB()) for name in ("projects", "people", "tasks", "findings")),
    *(bindparam(name, type_=JSONB(none_as_null=True)) for name in ("answer", "job_result")),
    *(bindparam(name, type_=Text()) for name in ("title", "source", "reason")),
    *(bindparam(name, type_=Thought.id.type) for name in ("thought_id", "job_id")),
)


async def insert_with_job(connection: Connection, thought: NewThought, *, job: NewJob) -> KeptThought | None:
    """Insert a thought and its job by one statement, both or neither; None when its key is taken.

    Args:
        connection: A connection on which each statement commits.
        thought: What to keep.
        job: The job that processes it; names the twin.
    """
    values = {
        "thought_id": thought.id,
        "thought_twin_id": job.twin_id,
        "thought_text": thought.text,
        "thought_key": thought.key,
        "thought_hash": thought.request_hash,
        **enqueue.parameters(job),
    }
    row = (await connection.execute(_INSERT, values)).mappings().one_or_none()
    return None if row is None else _kept(row)


async def find_unprocessed(connection: Connection, thought_id: UUID) -> KeptThought | None:
    """Return a thought that nobody has looked through; None when somebody has, or it is gone.

    Args:
        connection: An open connection.
        thought_id: The thought.
    """
    row = (await connection.execute(_UNPROCESSED, {"thought_id": thought_id})).mappings().one_or_none()
    return None if row is None else _kept(row)


async def write(connection: Connection, thought_id: UUID, *, processed: Processed, ending: Ending) -> bool:
    """Keep what processing made of a thought, all or nothing; return whether nobody had before.

    Args:
        connection: A transaction, or a connection on which each statement commits.
        thought_id: The thought.
        processed: All of it.
        ending: What is settled with it.
    """
    values = {
        "thought_id": thought_id,
        "title": processed.title,
        "source": processed.source,
        "reason": processed.reason,
        "answer": None if ending.body is None else {"body": ending.body},
        "job_id": ending.job_id,
        "job_result": ending.job_result,
        **_rows(processed.findings),
    }
    return (await connection.execute(_WRITE, values)).one_or_none() is not None


async def find_earlier(connection: Connection, twin_id: UUID, *, key: str) -> EarlierRequest | None:
    """Return what became of the request that had a key first; None when its thought is gone.

    Args:
        connection: An open connection.
        twin_id: Whose it is.
        key: What its sender called it.
    """
    row = (await connection.execute(_EARLIER, {"twin_id": twin_id, "thought_key": key})).mappings().one_or_none()
    if row is None:
        return None
    return EarlierRequest(
        kept=_kept(row),
        request_hash=row["request_hash"],
        body=row["body"],
        is_processed=row["is_processed"],
        age=row["age"],
    )


async def keep_answer(connection: Connection, thought_id: UUID, *, body: str) -> str | None:
    """Keep the answer to a thought's request unless there is one; return the one that stays, None without a thought.

    Args:
        connection: A connection on which each statement commits.
        thought_id: The thought.
        body: The answer.
    """
    values = {"thought_id": thought_id, "thought_answer": {"body": body}}
    kept: str | None = (await connection.execute(_KEEP_ANSWER, values)).scalar_one_or_none()
    return kept


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


async def page(connection: Connection, twin_id: UUID, *, before: Place | None, limit: int) -> list[StoredThought]:
    """Return a twin's thoughts, newest first.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
        before: Older than this place; None begins with the newest.
        limit: How many at most.
    """
    statement = select(*_COLUMNS).where(Thought.twin_id == twin_id)
    if before is not None:
        statement = statement.where(tuple_(Thought.created_at, Thought.id) < tuple_(*before))
    newest_first = statement.order_by(Thought.created_at.desc(), Thought.id.desc()).limit(limit)
    return [StoredThought(**row) for row in (await connection.execute(newest_first)).mappings()]


async def remove(connection: Connection, thought_id: UUID, *, twin_id: UUID) -> bool:
    """Delete a twin's thought with its findings, and return whether there was one; its tasks stay.

    Args:
        connection: A connection on which each statement commits.
        thought_id: The thought.
        twin_id: Whose it must be.
    """
    deleted = await connection.execute(_DELETE, {"thought_id": thought_id, "twin_id": twin_id})
    return deleted.one_or_none() is not None


def _kept(row: RowMapping) -> KeptThought:
    return KeptThought(
        id=row["id"],
        twin_id=row["twin_id"],
        text=row["text"],
        created_at=row["created_at"],
        is_keyed=row["is_keyed"],
        job_id=row["job_id"],
        timezone=row["timezone"],
        projects=tuple(row["projects"]),
        people=tuple(row["people"]),
    )


def _rows(findings: Findings) -> dict[str, list[dict[str, Any]]]:
    others = list(_others(findings))
    # In order, so that they say what was found first.
    ids = sorted(str(uuid4()) for _ in others)
    return {
        "projects": [_named(name) for name in findings.projects],
        "people": [_named(name) for name in findings.people],
        "tasks": [_task(each) for each in findings.tasks],
        "findings": [{"id": number, **each} for number, each in zip(ids, others, strict=True)],
    }


def _named(name: str) -> dict[str, Any]:
    return {"name": name, "key": key_of(name)}


def _task(task: FoundTask) -> dict[str, Any]:
    row = {name: getattr(task, name) for name in ("title", "notes", "priority", "recurrence", "estimate_minutes")}
    return {
        **row,
        "id": str(task.id),
        "due_on": task.due_on and task.due_on.isoformat(),
        "due_at": task.due_at and task.due_at.isoformat(),
        "due_zone": task.due_zone,
        "labels": list(task.labels),
        "project_key": task.project and key_of(task.project),
    }


def _others(findings: Findings) -> Iterator[dict[str, Any]]:
    for kind, names in (("project", findings.projects), ("person", findings.people)):
        yield from ({"kind": kind, "text": name, "key": key_of(name)} for name in names)
    for kind, texts in (("idea", findings.ideas), ("problem", findings.problems)):
        yield from ({"kind": kind, "text": each} for each in texts)
    for date in findings.dates:
        at = date.at and date.at.isoformat()
        yield {"kind": "date", "text": date.label, "on_day": date.on_day.isoformat(), "at": at}
