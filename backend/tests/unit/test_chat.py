"""What other features say, in the words of a chat."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from backend.features.capture.schemas import CaptureV1, FoundDate, FoundTask
from backend.features.plan.schemas import PlanItem, PlanV1
from backend.features.query.schemas import Citation, QueryV1
from backend.worker import chat

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
ID = UUID(int=7)
NOTHING: dict[str, Any] = {name: [] for name in ("tasks", "projects", "people", "ideas", "problems", "dates")}


def captured(**found: Any) -> CaptureV1:
    """Return the answer to a thought."""
    given = {"thought_id": ID, "job_id": ID, "created_at": NOW, "source": "fallback", "reason": None, "title": "t"}
    return CaptureV1(**{**given, **NOTHING, **found})


def found_task(**fields: Any) -> FoundTask:
    """Return a task."""
    given: dict[str, Any] = {"id": ID, "title": "call Bob", "notes": "", "priority": 4, "due_on": None, "due_at": None}
    rest: dict[str, Any] = {"recurrence": None, "estimate_minutes": None, "labels": [], "project": None}
    return FoundTask(**{**given, **rest, **fields})


class TestSummary:
    """A thought."""

    def test_a_line_for_each_thing(self) -> None:
        """Tasks with their day, people and projects together."""
        dates = [FoundDate(label="dentist", on_day=date(2026, 11, 27), at=None)]
        tasks = [found_task(due_on=date(2026, 11, 27)), found_task(title="milk")]
        summary = chat.summary_of(captured(tasks=tasks, people=["Bob", "Eve"], dates=dates, ideas=["fly"]))

        assert summary.found == (
            "task: call Bob, due 2026-11-27",
            "task: milk",
            "idea: fly",
            "dentist: 2026-11-27",
            "people: Bob, Eve",
        )

    def test_what_was_not_looked_through_yet(self) -> None:
        """It is kept, and that is said."""
        assert "later" in chat.summary_of(captured(title=None)).title


class TestAnswer:
    """A question."""

    def test_sources_of_a_written_answer(self) -> None:
        """Each on one short line; an answer that was found quotes them itself."""
        citation = Citation(id=ID, kind="thought", excerpt="a\n" + "b" * 300, created_at=NOW)
        given: dict[str, Any] = {"answer": "yes", "citations": [citation], "confidence": 1.0, "reason": None}

        written = chat.answer_of(QueryV1(**given, mode="provider", source="provider"))
        quoted = chat.answer_of(QueryV1(**given, mode="search", source="fallback"))

        assert [len(each) for each in written.sources] == [120]
        assert quoted.sources == ()


class TestPlan:
    """A day."""

    def test_a_line_for_each_item(self) -> None:
        """In order, with time and reason."""
        given: dict[str, Any] = {"task_id": ID, "priority": 1, "due_on": None, "due_at": None, "source": "fallback"}
        items = [
            PlanItem(**given, title="call Bob", estimate_minutes=15, reason="overdue"),
            PlanItem(**given, title="milk", estimate_minutes=None, reason=""),
        ]
        made: dict[str, Any] = {"generated_at": NOW, "source": "fallback", "reason": None, "is_stale": False}

        plan = chat.plan_of(PlanV1(day=date(2026, 11, 21), timezone="UTC", items=items, **made))

        assert plan.title == "Saturday, 2026-11-21"
        assert plan.items == ("call Bob, 15 min (overdue)", "milk")
