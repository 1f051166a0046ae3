"""The rules of query."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from backend.db.unit_of_work import Connection, Database
from backend.features.query import repository
from backend.features.query.repository import Hit
from backend.features.query.schemas import Citation, QueryV1
from backend.knowledge import tasks
from backend.knowledge.tasks import DueWindow, StoredTask
from backend.knowledge.zones import LocalTime, local_time
from backend.providers.llm.assistant import Assistant, Outcome
from backend.providers.llm.records import AnswerDraft, Passage, QueryRequest

_MOST_HITS = 12
_MOST_DUE = 20
_LENGTH = 1_000
_EXCERPT = 300
_DUE_RANK = 1.0
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SUNDAY = 6
_WORDS = re.compile(r"[a-z]+")
_PAST = frozenset({"did", "was", "were", "said", "last", "ago", "yesterday"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Answers questions about what was captured.

    Attributes:
        database: Where it is.
        assistant: Answers from what was found.
    """

    database: Database
    assistant: Assistant

    async def ask(self, twin_id: UUID, question: str) -> QueryV1:
        """Return an answer, and what it rests on.

        Args:
            twin_id: Whose knowledge is asked.
            question: In any words.
        """
        async with self.database.statement() as connection:
            time = await local_time(connection, twin_id)
            passages = await _passages(connection, twin_id, question=question, time=time)
        request = QueryRequest(question=question, now=time.now, timezone=time.timezone, passages=passages)
        return _shown(await self.assistant.answer(request, twin_id=twin_id), request)


def due_window(question: str, today: date) -> DueWindow | None:
    """Return the days whose tasks a question is about; None when it names none.

    Args:
        question: In any words.
        today: The owner's.
    """
    words = _WORDS.findall(question.casefold())
    if _PAST.intersection(words):
        return None
    said = f" {' '.join(words)} "
    monday = today - timedelta(days=today.weekday())
    windows = {
        " overdue ": DueWindow(first=None, last=today - timedelta(days=1)),
        # What was due before and is open is due still.
        " today ": DueWindow(first=None, last=today),
        " tonight ": DueWindow(first=None, last=today),
        " tomorrow ": _day(today + timedelta(days=1)),
        " next week ": DueWindow(first=monday + timedelta(days=7), last=monday + timedelta(days=7 + _SUNDAY)),
        " weekend ": DueWindow(first=monday + timedelta(days=_SUNDAY - 1), last=monday + timedelta(days=_SUNDAY)),
        " week ": DueWindow(first=None, last=monday + timedelta(days=_SUNDAY)),
        **{f" {name} ": _day(_next(today, number)) for number, name in enumerate(_DAYS)},
        " due ": DueWindow(first=None, last=today + timedelta(days=_SUNDAY)),
    }
    return next((window for name, window in windows.items() if name in said), None)


def _day(day: date) -> DueWindow:
    return DueWindow(first=day, last=day)


def _next(today: date, weekday: int) -> date:
    return today + timedelta(days=(weekday - today.weekday()) % len(_DAYS))


async def _passages(connection: Connection, twin_id: UUID, *, question: str, time: LocalTime) -> tuple[Passage, ...]:
    due = due_window(question, time.day)
    found = await tasks.most_urgent(connection, twin_id, limit=_MOST_DUE, due=due) if due else []
    hits = await repository.search(connection, twin_id, question=question, most=_MOST_HITS, length=_LENGTH)
    among = [hit.id for hit in hits if hit.kind == "task"]
    known = await repository.tasks_among(connection, twin_id, task_ids=among) if among else {}
    passages = {task.id: _of_task(task, time, rank=_DUE_RANK) for task in found}
    for hit in hits:
        task = known.get(hit.id)
        passages.setdefault(hit.id, _of_thought(hit) if task is None else _of_task(task, time, rank=hit.rank))
    return tuple(passages.values())


def _of_thought(hit: Hit) -> Passage:
    return Passage(id=hit.id, kind=hit.kind, text=hit.excerpt, created_at=hit.created_at, rank=hit.rank)


def _of_task(task: StoredTask, time: LocalTime, *, rank: float) -> Passage:
    notes = f": {task.notes}" if task.notes else ""
    said = f"{task.title}{notes}"[:_LENGTH]
    return Passage(
        id=task.id, kind="task", text=f"{said} ({_state(task, time)})", created_at=task.created_at, rank=rank
    )


def _state(task: StoredTask, time: LocalTime) -> str:
    if task.status == "done":
        return "done"
    if task.due_on is None:
        return "open"
    at = f" {task.due_at.astimezone(time.zone):%H:%M}" if task.due_at else ""
    late = ", overdue" if task.due_on < time.day else ""
    return f"due {task.due_on.isoformat()}{at}{late}"


def _shown(outcome: Outcome[AnswerDraft], request: QueryRequest) -> QueryV1:
    passages = {passage.id: passage for passage in request.passages}
    cited = [passages[each] for each in dict.fromkeys(outcome.value.citations) if each in passages]
    return QueryV1(
        answer=outcome.value.answer,
        citations=[_citation(each) for each in cited],
        confidence=outcome.value.confidence,
        mode="provider" if outcome.source == "provider" else "search",
        source=outcome.source,
        reason=outcome.reason,
    )


def _citation(passage: Passage) -> Citation:
    text = passage.text
    excerpt = text if len(text) <= _EXCERPT else f"{text[: _EXCERPT - 1].rstrip()}…"
    return Citation(id=passage.id, kind=passage.kind, excerpt=excerpt, created_at=passage.created_at)
