"""Requests to an assistant, and adapters that answer them in any way."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from uuid import UUID

from backend.providers.llm.records import (
    ExtractRequest,
    OpenTask,
    Passage,
    PlanRequest,
    QueryRequest,
)

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TASK_IDS = (UUID(int=11), UUID(int=12))
PASSAGE_IDS = (UUID(int=21), UUID(int=22))
EXTRACT = ExtractRequest(text="Call Ada on Friday at three", now=NOW, timezone="Europe/Berlin", people=("Ada",))
PLAN = PlanRequest(
    day=date(2026, 11, 21),
    now=NOW,
    timezone="Europe/Berlin",
    tasks=tuple(OpenTask(id=each, title=f"task {each.int}", priority=2) for each in TASK_IDS),
)
QUERY = QueryRequest(
    question="When do I call Ada?",
    now=NOW,
    timezone="Europe/Berlin",
    passages=tuple(Passage(id=each, kind="thought", text="Friday", created_at=NOW) for each in PASSAGE_IDS),
)


class AdapterOf:
    """An adapter that does one thing, whatever it is asked."""

    def __init__(self, act: Callable[[], Awaitable[object]]) -> None:
        """Keep what it does."""
        self._act = act

    async def extract_structured_updates(self, request: ExtractRequest) -> object:
        """Do it."""
        return await self._act()

    async def rewrite_plan(self, request: PlanRequest) -> object:
        """Do it."""
        return await self._act()

    async def answer_query(self, request: QueryRequest) -> object:
        """Do it."""
        return await self._act()


def returning(payload: object) -> AdapterOf:
    """Return an adapter that answers with one payload."""

    async def act() -> object:
        return payload

    return AdapterOf(act)


def raising(error: BaseException) -> AdapterOf:
    """Return an adapter that raises one error."""

    async def act() -> object:
        raise error

    return AdapterOf(act)
