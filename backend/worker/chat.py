"""What can be done from a chat: other features' services, as Telegram asks for them."""

from collections.abc import Iterator
from uuid import UUID

from backend.db.unit_of_work import Database
from backend.features.capture.schemas import CaptureV1, FoundTask
from backend.features.capture.service import Capture
from backend.features.plan import service as plan_service
from backend.features.plan.schemas import PlanItem, PlanV1
from backend.features.query.schemas import QUESTION_MAX, QueryV1
from backend.features.query.service import Query
from backend.features.telegram.messages import Abilities, AnswerText, CapturedSummary, PlanText

_SOURCES = 5
_LINE = 120
_NOT_YET = "kept; what is in it is looked for a little later"


def abilities(database: Database, capturing: Capture, *, query: Query) -> Abilities:
    """Return what can be done from a chat.

    Args:
        database: Where plans are.
        capturing: Keeps thoughts.
        query: Answers questions.
    """

    async def capture(twin_id: UUID, text: str, *, key: str) -> CapturedSummary:
        return summary_of(CaptureV1.model_validate_json(await capturing.keep(twin_id, text, key=key)))

    async def ask(twin_id: UUID, question: str, *, key: str) -> AnswerText:
        # Asking changes nothing, so that it may happen again.
        del key
        return answer_of(await query.ask(twin_id, question[:QUESTION_MAX]))

    async def plan(twin_id: UUID) -> PlanText:
        async with database.statement() as connection:
            return plan_of(await plan_service.today(connection, twin_id))

    return Abilities(capture=capture, ask=ask, plan=plan)


def summary_of(captured: CaptureV1) -> CapturedSummary:
    """Return what is said in a chat about a thought.

    Args:
        captured: What was found in it.
    """
    if captured.title is None:
        return CapturedSummary(title=_NOT_YET)
    return CapturedSummary(title=captured.title, found=tuple(_found(captured)))


def _found(captured: CaptureV1) -> Iterator[str]:
    yield from (_task(each) for each in captured.tasks)
    yield from (f"idea: {each}" for each in captured.ideas)
    yield from (f"problem: {each}" for each in captured.problems)
    yield from (f"{each.label}: {each.on_day.isoformat()}" for each in captured.dates)
    for name, found in (("people", captured.people), ("projects", captured.projects)):
        if found:
            yield f"{name}: {', '.join(found)}"


def _task(task: FoundTask) -> str:
    due = f", due {task.due_on.isoformat()}" if task.due_on else ""
    return f"task: {task.title}{due}"


def answer_of(answer: QueryV1) -> AnswerText:
    """Return what is said in a chat to a question.

    Args:
        answer: The answer; one that was found, not written, quotes what it rests on itself.
    """
    shown = answer.citations[:_SOURCES] if answer.mode == "provider" else []
    return AnswerText(text=answer.answer, sources=tuple(_line(each.excerpt) for each in shown))


def plan_of(plan: PlanV1) -> PlanText:
    """Return what is said in a chat about a day.

    Args:
        plan: The day.
    """
    return PlanText(title=f"{plan.day:%A}, {plan.day.isoformat()}", items=tuple(_item(each) for each in plan.items))


def _item(item: PlanItem) -> str:
    minutes = f", {item.estimate_minutes} min" if item.estimate_minutes else ""
    return f"{item.title}{minutes} ({item.reason})" if item.reason else f"{item.title}{minutes}"


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LINE else f"{line[: _LINE - 1].rstrip()}…"
