"""A day by rules: what is overdue, then what is due, then what matters, as far as the day reaches."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backend.providers.llm.builtin.moments import day_of, local, zone_of
from backend.providers.llm.records import OpenTask, PlanDraft, PlannedItem, PlanRequest

ITEMS_MAX = 10
CAPACITY_MINUTES = 8 * 60
UNKNOWN_MINUTES = 30
SOON_DAYS = 3
_MINUTES_MAX = 10_080
_LATER = date.max
_NINE = 9 * 60
_OVERDUE, _TODAY, _SOON, _HIGH, _OTHER = range(5)
_LOWEST, _HIGH_FROM = 4, 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A task, seen from the day.

    Attributes:
        group: Overdue, due today, due soon, important, other; smaller is earlier.
        due: Its day in the owner's zone.
        at: When it is due, in the owner's zone; None unless that is on this day and still to come.
        minutes: How long it takes, or is thought to take.
    """

    task: OpenTask
    group: int
    due: date | None
    at: datetime | None
    minutes: int
    priority: int
    reason: str

    @property
    def rank(self) -> tuple[int, int, date, int, str, UUID]:
        """Return its place among others; the same for the same task."""
        return (self.group, self.priority, self.due or _LATER, self.minutes, self.task.title, self.task.id)


def plan(request: PlanRequest) -> PlanDraft:
    """Return the day: what is overdue or due always, the rest as far as eight hours reach.

    Args:
        request: What is open.
    """
    tasks = {task.id: task for task in request.tasks}.values()
    chosen = _chosen(sorted((_candidate(task, request) for task in tasks), key=lambda each: each.rank))
    return PlanDraft(today_plan=[_item(each) for each in _in_order(chosen, request)])


def _candidate(task: OpenTask, request: PlanRequest) -> Candidate:
    zone = zone_of(request.timezone)
    at = local(task.due_at, zone) if task.due_at else None
    due = task.due_on or (day_of(at, zone) if at else None)
    over = due is not None and (due < request.day or (due == request.day and at is not None and at < request.now))
    priority = min(max(task.priority, 1), _LOWEST)
    group = _group(due, request.day, over=over, priority=priority)
    return Candidate(
        task=task,
        group=group,
        due=due,
        at=at if group == _TODAY else None,
        minutes=min(max(task.estimate_minutes or UNKNOWN_MINUTES, 1), _MINUTES_MAX),
        priority=priority,
        reason=_reason(group, due, at=at, priority=priority, day=request.day),
    )


def _group(due: date | None, day: date, *, over: bool, priority: int) -> int:
    if over:
        return _OVERDUE
    if due == day:
        return _TODAY
    if due is not None and (due - day).days <= SOON_DAYS:
        return _SOON
    return _HIGH if priority <= _HIGH_FROM else _OTHER


def _reason(group: int, due: date | None, *, at: datetime | None, priority: int, day: date) -> str:
    clock = f" at {at:%H:%M}" if at else ""
    if group == _OVERDUE:
        return f"overdue since {clock.strip()} today".replace(" at ", " ") if due == day else f"overdue since {due}"
    if group == _TODAY:
        return f"due today{clock}"
    if due is not None:
        days = (due - day).days
        ahead = "tomorrow" if days == 1 else f"on {due}, in {days} days"
        return f"due {ahead}{clock}" if group == _SOON or priority > _HIGH_FROM else f"high priority, due {ahead}"
    return "high priority, no date" if priority <= _HIGH_FROM else "no date, and the day has room"


def _chosen(candidates: list[Candidate]) -> list[Candidate]:
    """Return what the day holds, in the same order; an appointment is never crowded out."""
    timed = sorted((each for each in candidates if each.at), key=lambda each: (each.at, each.rank))[:ITEMS_MAX]
    kept = {each.task.id for each in timed}
    minutes = sum(each.minutes for each in timed)
    for each in candidates:
        fits = each.group <= _TODAY or minutes + each.minutes <= CAPACITY_MINUTES
        if len(kept) < ITEMS_MAX and each.at is None and fits:
            kept.add(each.task.id)
            minutes += each.minutes
    return [each for each in candidates if each.task.id in kept]


def _in_order(chosen: list[Candidate], request: PlanRequest) -> Iterator[Candidate]:
    """Yield a day's tasks by rank, each appointment where its time comes."""
    timed = sorted((each for each in chosen if each.at), key=lambda each: (each.at, each.rank))
    minute = _begin(request)
    for each in (each for each in chosen if each.at is None):
        while timed and _minute(timed[0].at) < minute + each.minutes:
            minute = max(minute, _minute(timed[0].at)) + timed[0].minutes
            yield timed.pop(0)
        minute += each.minutes
        yield each
    yield from timed


def _begin(request: PlanRequest) -> int:
    """Return the minute at which a day's work begins: now, or at nine on another day."""
    now = local(request.now, zone_of(request.timezone))
    return _minute(now) if now.date() == request.day else _NINE


def _minute(moment: datetime | None) -> int:
    return moment.hour * 60 + moment.minute if moment else 0


def _item(candidate: Candidate) -> PlannedItem:
    estimate = candidate.task.estimate_minutes
    return PlannedItem(
        task_id=candidate.task.id,
        priority=candidate.priority,
        estimate_minutes=min(max(estimate, 1), _MINUTES_MAX) if estimate is not None else None,
        reason=candidate.reason,
    )
