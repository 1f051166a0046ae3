"""The rules of capture."""

import asyncio
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from backend.core import clock
from backend.core.build import Build
from backend.core.errors import ConflictError, IdempotencyKeyReusedError, NotFoundError
from backend.core.logging import get_logger, place_of
from backend.db.unit_of_work import Connection, Database
from backend.features.capture import repository
from backend.features.capture.repository import (
    EarlierRequest,
    Ending,
    KeptThought,
    NewThought,
    Processed,
    StoredThought,
)
from backend.features.capture.schemas import CaptureV1, ThoughtsQuery
from backend.jobs.records import NewJob
from backend.knowledge import findings
from backend.knowledge.findings import Findings, FoundDate, FoundTask
from backend.knowledge.names import key_of
from backend.knowledge.zones import zone_of
from backend.providers.llm.assistant import Assistant
from backend.providers.llm.records import ExtractedTask, ExtractedUpdates, ExtractRequest
from backend.web import cursors

PROCESS = "thought.process"
TITLE_MAX = 80
# So much longer than the assistant may take, a request has until its job takes over.
MARGIN = timedelta(seconds=5)
LEAST_URGENT = 4
# At the edges of the calendar a moment has no day in every zone; nothing is due there.
_FIRST, _LAST = date(1, 1, 3), date(9999, 12, 29)
_POLL_S = 0.1
_TRIES = 3
_BY_REQUEST = "api"
_NO_JOB = UUID(int=0)
_NOT_YET = Processed(source="fallback", reason="not processed yet")
_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """Some of a twin's thoughts.

    Attributes:
        thoughts: Newest first.
        next_cursor: Where the next page begins; None on the last one.
    """

    thoughts: list[StoredThought]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """Keeps thoughts, and looks through them.

    Attributes:
        database: Where they are kept.
        assistant: Looks through them.
        build: Who does it, for the job that then need not.
        deadline: How long the assistant may take.
    """

    database: Database
    assistant: Assistant
    build: Build
    deadline: timedelta

    async def keep(self, twin_id: UUID, text: str, *, key: str | None = None) -> str:
        """Keep a thought, then look through it; return the contract capture.v1 as JSON.

        The thought is committed first, with a job that does the rest if this cannot, or comes to no end.

        Args:
            twin_id: The twin that it belongs to.
            text: What it says.
            key: What the sender calls the request: a repeated one returns the first answer, to the letter.

        Raises:
            IdempotencyKeyReusedError: The key names a request with another text.
        """
        thought = NewThought(id=uuid4(), text=text, key=key, request_hash=_hash(text) if key else None)
        for _ in range(_TRIES):
            kept = await self._commit(twin_id, thought)
            body = await (self._answer(kept) if kept else self._earlier_answer(twin_id, thought))
            if body is not None:
                return body
        msg = "What this Idempotency-Key named is being deleted. Send the request again."
        raise ConflictError(msg)

    async def process(self, connection: Connection, thought_id: UUID) -> None:
        """Look through a thought, unless somebody has, or it is gone.

        Args:
            connection: The job's transaction; nothing is asked of it before there is something to write.
            thought_id: The thought.
        """
        async with self.database.statement() as reading:
            kept = await repository.find_unprocessed(reading, thought_id)
        if kept is not None:
            processed = await self._look_through(kept)
            ending = Ending(body=_render(kept, processed) if kept.is_keyed else None)
            await repository.write(connection, thought_id, processed=processed, ending=ending)

    async def _commit(self, twin_id: UUID, thought: NewThought) -> KeptThought | None:
        job = NewJob(
            kind=PROCESS,
            twin_id=twin_id,
            idempotency_key=f"{repository.JOB_KEY}{thought.id}",
            payload={"thought_id": str(thought.id)},
            run_at=clock.now() + self.deadline + MARGIN,
        )
        async with self.database.statement() as connection:
            return await repository.insert_with_job(connection, thought, job=job)

    async def _answer(self, kept: KeptThought) -> str:
        try:
            return await self._process_now(kept)
        except Exception as error:  # noqa: BLE001 -- the thought is kept; its job does what could not be done now
            _logger.warning("capture.left_to_job", error=type(error).__name__, where=place_of(error))
        return await self._first_answer(kept, _NOT_YET)

    async def _process_now(self, kept: KeptThought) -> str:
        processed = await self._look_through(kept)
        body = _render(kept, processed)
        result = {"commit": self.build.commit, "version": self.build.version, "worker_id": _BY_REQUEST}
        ending = Ending(body=body if kept.is_keyed else None, job_id=kept.job_id, job_result=result)
        async with self.database.statement() as connection:
            is_written = await repository.write(connection, kept.id, processed=processed, ending=ending)
        return body if is_written else await self._answer_as_stored(kept)

    async def _look_through(self, kept: KeptThought) -> Processed:
        zone = zone_of(kept.timezone)
        request = ExtractRequest(
            text=kept.text, now=kept.created_at, timezone=zone.key, projects=kept.projects, people=kept.people
        )
        outcome = await self.assistant.extract(request, twin_id=kept.twin_id)
        return Processed(
            title=title_of(kept.text),
            source=outcome.source,
            reason=outcome.reason,
            findings=_found(outcome.value, request, zone=zone),
        )

    async def _first_answer(self, kept: KeptThought, processed: Processed) -> str:
        body = _render(kept, processed)
        if not kept.is_keyed:
            return body
        async with self.database.statement() as connection:
            return await repository.keep_answer(connection, kept.id, body=body) or body

    async def _answer_as_stored(self, kept: KeptThought) -> str:
        async with self.database.statement() as connection:
            stored = await repository.find(connection, kept.id, twin_id=kept.twin_id)
            found = await findings.of_thought(connection, kept.id)
        if stored is None:
            return _render(kept, _NOT_YET)
        processed = Processed(source=stored.source, title=stored.title, reason=stored.reason, findings=found)
        return await self._first_answer(kept, processed)

    async def _earlier_answer(self, twin_id: UUID, thought: NewThought) -> str | None:
        while True:
            earlier = await self._earlier(twin_id, thought)
            if earlier is None or earlier.body is not None:
                return None if earlier is None else earlier.body
            if earlier.is_processed:
                return await self._answer_as_stored(earlier.kept)
            if earlier.age > self.deadline + MARGIN:
                return await self._answer(earlier.kept)
            await asyncio.sleep(_POLL_S)

    async def _earlier(self, twin_id: UUID, thought: NewThought) -> EarlierRequest | None:
        async with self.database.statement() as connection:
            earlier = await repository.find_earlier(connection, twin_id, key=thought.key or "")
        if earlier is not None and earlier.request_hash != thought.request_hash:
            msg = "This Idempotency-Key was sent before, with another text. Send another key, or the same text."
            raise IdempotencyKeyReusedError(msg)
        return earlier


async def read(connection: Connection, twin_id: UUID, *, thought_id: UUID) -> tuple[StoredThought, Findings]:
    """Return one of the twin's thoughts, and what was found in it.

    Args:
        connection: An open connection.
        twin_id: Whose it must be.
        thought_id: The thought.

    Raises:
        NotFoundError: There is none, or it belongs to another twin.
    """
    thought = await repository.find(connection, thought_id, twin_id=twin_id)
    if thought is None:
        raise NotFoundError(_no_such(thought_id))
    return thought, await findings.of_thought(connection, thought_id)


async def browse(connection: Connection, twin_id: UUID, *, query: ThoughtsQuery) -> Page:
    """Return one page of the twin's thoughts.

    Args:
        connection: An open connection.
        twin_id: Whose they are.
        query: Which of them.

    Raises:
        InvalidCursorError: The cursor was not made by a page before.
    """
    before = cursors.place_of(query.cursor)
    # One more than asked for tells whether there is a next page.
    found = await repository.page(connection, twin_id, before=before, limit=query.limit + 1)
    thoughts, next_cursor = cursors.split(found, query.limit)
    return Page(thoughts=thoughts, next_cursor=next_cursor)


async def remove(connection: Connection, twin_id: UUID, *, thought_id: UUID) -> None:
    """Delete one of the twin's thoughts with what was found in it, but for its tasks.

    Args:
        connection: A connection on which each statement commits.
        twin_id: Whose it must be.
        thought_id: The thought.

    Raises:
        NotFoundError: There is none, or it belongs to another twin.
    """
    if not await repository.remove(connection, thought_id, twin_id=twin_id):
        raise NotFoundError(_no_such(thought_id))


def title_of(text: str) -> str:
    """Return a thought's first line, cut at a word when it is long.

    Args:
        text: What the thought says; not only blanks.
    """
    line = " ".join(text.strip().splitlines()[0].split())
    if len(line) <= TITLE_MAX:
        return line
    cut = line[: TITLE_MAX - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"


def _no_such(thought_id: UUID) -> str:
    return f"There is no thought {thought_id}."


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _render(kept: KeptThought, processed: Processed) -> str:
    answer = CaptureV1(
        thought_id=kept.id,
        job_id=kept.job_id or _NO_JOB,
        created_at=kept.created_at,
        source=processed.source,
        reason=processed.reason,
        title=processed.title,
        **asdict(processed.findings),
    )
    return answer.model_dump_json()


def _found(updates: ExtractedUpdates, request: ExtractRequest, *, zone: ZoneInfo) -> Findings:
    said = (*updates.projects, *(task.project for task in updates.tasks if task.project))
    projects = _unique(said, known=request.projects)
    return Findings(
        tasks=_tasks(updates.tasks, projects, zone=zone),
        projects=tuple(projects.values()),
        people=tuple(_unique(updates.people, known=request.people).values()),
        ideas=tuple(_unique(updates.ideas).values()),
        problems=tuple(_unique(updates.problems).values()),
        dates=tuple(FoundDate(label=each.label, on_day=each.on_day, at=_moment(each.at)) for each in updates.dates),
    )


def _tasks(tasks: Iterable[ExtractedTask], projects: Mapping[str, str], *, zone: ZoneInfo) -> tuple[FoundTask, ...]:
    unique: dict[object, ExtractedTask] = {}
    for task in tasks:
        unique.setdefault((key_of(task.title), task.due_on, task.due_at), task)
    # In order, so that they say what was found first.
    ids = sorted(uuid4() for _ in unique)
    return tuple(_task(number, task, projects, zone=zone) for number, task in zip(ids, unique.values(), strict=True))


def _task(number: UUID, task: ExtractedTask, projects: Mapping[str, str], *, zone: ZoneInfo) -> FoundTask:
    due_at = _moment(task.due_at)
    return FoundTask(
        id=number,
        title=task.title,
        notes=task.notes,
        priority=task.priority or LEAST_URGENT,
        due_on=due_at.astimezone(zone).date() if due_at else task.due_on,
        due_at=due_at,
        due_zone=zone.key if due_at else None,
        recurrence=task.recurrence,
        estimate_minutes=task.estimate_minutes,
        labels=tuple(_unique(task.labels).values()),
        project=projects.get(key_of(task.project)) if task.project else None,
    )


def _unique(names: Iterable[str], known: Iterable[str] = ()) -> dict[str, str]:
    # By key; a name that is known is spelled as it is known.
    spelled = {key_of(name): name for name in known}
    unique: dict[str, str] = {}
    for name in names:
        if key := key_of(name):
            unique.setdefault(key, spelled.get(key, name))
    return unique


def _moment(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC) if at and _FIRST <= at.date() <= _LAST else None
