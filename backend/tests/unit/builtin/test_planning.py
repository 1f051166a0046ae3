"""The built-in day."""

from datetime import date, datetime, timedelta
from uuid import UUID

from backend.providers.llm.builtin import plan
from backend.providers.llm.builtin.planning import CAPACITY_MINUTES, ITEMS_MAX
from backend.providers.llm.records import OpenTask, PlanDraft, PlanRequest
from backend.tests.unit.builtin.tables import NOW, ZONE

DAY = NOW.date()


def task(number: int, **said: object) -> OpenTask:
    """Return an open task of the lowest priority, with what is said of it."""
    return OpenTask(**{"id": UUID(int=number), "title": f"Task {number}", "priority": 4, **said})  # type: ignore[arg-type]


def planned(*tasks: OpenTask) -> PlanDraft:
    """Return the plan of a Wednesday at ten."""
    return plan(PlanRequest(day=DAY, now=NOW, timezone=ZONE.key, tasks=tasks))


def numbers(draft: PlanDraft) -> list[int]:
    """Return the tasks of a plan, in order."""
    return [item.task_id.int for item in draft.today_plan]


def clock(hour: int, day: date = DAY) -> datetime:
    """Return an hour of a day in the owner's zone."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


def test_what_presses_most_comes_first() -> None:
    """Overdue, today, soon, important, the rest; each says why."""
    draft = planned(
        task(1),
        task(2, priority=1),
        task(3, due_on=DAY + timedelta(days=2)),
        task(4, due_on=DAY),
        task(5, due_on=DAY - timedelta(days=6)),
        task(6, due_on=DAY + timedelta(days=30), priority=2),
        task(7, due_on=DAY + timedelta(days=1)),
    )

    assert [(item.task_id.int, item.reason) for item in draft.today_plan] == [
        (5, "overdue since 2026-11-12"),
        (4, "due today"),
        (7, "due tomorrow"),
        (3, "due on 2026-11-20, in 2 days"),
        (2, "high priority, no date"),
        (6, "high priority, due on 2026-12-18, in 30 days"),
        (1, "no date, and the day has room"),
    ]


def test_priority_then_time_decide_within_a_group() -> None:
    """Of two tasks that are due today the more important one is first, then the shorter one."""
    draft = planned(
        task(1, due_on=DAY, priority=2, estimate_minutes=60),
        task(2, due_on=DAY, priority=1, estimate_minutes=90),
        task(3, due_on=DAY, priority=2, estimate_minutes=15),
    )

    assert numbers(draft) == [2, 3, 1]


def test_an_appointment_stands_where_its_time_comes() -> None:
    """What fits before it is before it."""
    draft = planned(
        task(1, due_on=DAY, estimate_minutes=60),
        task(2, due_on=DAY, due_at=clock(12)),
        task(3, due_on=DAY, priority=3, estimate_minutes=90),
        task(4, due_on=DAY, due_at=clock(11)),
        task(5),
    )

    assert numbers(draft) == [4, 2, 3, 1, 5]
    assert draft.today_plan[0].reason == "due today at 11:00"


def test_a_time_that_is_over_is_overdue() -> None:
    """At ten, eight o'clock is late."""
    (item,) = planned(task(1, due_on=DAY, due_at=clock(8))).today_plan

    assert item.reason == "overdue since 08:00 today"


def test_a_moment_alone_has_its_day_in_the_owners_zone() -> None:
    """Half past eleven at night in UTC is tomorrow in Berlin."""
    (item,) = planned(task(1, due_at=datetime.fromisoformat("2026-11-18T23:30:00+00:00"))).today_plan

    assert item.reason == "due tomorrow at 00:30"


def test_a_day_holds_eight_hours() -> None:
    """What has no date fills the day and no more; an unknown estimate is half an hour."""
    long = [task(number, estimate_minutes=200) for number in (1, 2, 3)]
    draft = planned(*long, task(4), task(5), task(6), task(7))

    assert numbers(draft) == [4, 5, 6, 7, 1]
    assert sum(item.estimate_minutes or 30 for item in draft.today_plan) <= CAPACITY_MINUTES


def test_what_is_due_is_never_left_out_for_its_length() -> None:
    """Twelve hours are due today, and the plan says so."""
    draft = planned(*(task(number, due_on=DAY, estimate_minutes=240) for number in (1, 2, 3)), task(4, priority=1))

    assert numbers(draft) == [1, 2, 3]


def test_a_day_holds_ten_tasks_and_every_appointment() -> None:
    """Twenty tasks are overdue; the appointment is not crowded out."""
    overdue = [task(number, due_on=DAY - timedelta(days=1)) for number in range(1, 21)]
    draft = planned(*overdue, task(99, due_on=DAY, due_at=clock(15)))

    assert len(draft.today_plan) == ITEMS_MAX
    assert 99 in numbers(draft)


def test_nothing_open_is_an_empty_plan() -> None:
    """Empty, and valid."""
    assert planned().today_plan == []
