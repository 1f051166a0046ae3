"""Which backups are kept and which may go, each with its reason. Pure; all calendars are UTC's.

Backups that cannot be relied on stand for no period. Nothing goes while the newest is not known to be good.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from gonogo.model import BackupPolicy

# Younger ones are left alone, however many there are.
YOUNG = timedelta(days=1)
# The newest may be so many times as old as `max_age_h` allows; beyond that, backups have stopped, and none goes.
_STALE = 2
_PERIODS: tuple[tuple[str, Callable[[datetime], tuple[int, ...]]], ...] = (
    ("day", lambda at: (at.year, at.month, at.day)),
    ("week", lambda at: (at.isocalendar().year, at.isocalendar().week)),
    ("month", lambda at: (at.year, at.month)),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A backup, or a copy of one.

    Attributes:
        taken_at: the moment whose data it holds; None where nothing says.
        problem: why it cannot be relied on; empty for a good one.
        held: why it must stay whatever its age; empty where nothing asks for that.
    """

    name: str
    taken_at: datetime | None
    problem: str = ""
    held: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """What becomes of a backup.

    Attributes:
        reasons: for keeping it, or the one for letting it go.
    """

    name: str
    taken_at: datetime | None
    is_kept: bool
    reasons: tuple[str, ...]


def judge(
    candidates: Sequence[Candidate], policy: BackupPolicy, *, proven: Sequence[str], now: datetime
) -> tuple[Judged, ...]:
    """Return what becomes of each backup of one place, newest first.

    Args:
        candidates: all of that place.
        policy: how many are kept, and how old the newest may be.
        proven: names of those that a drill has proven, oldest proof first.
        now: the time.
    """
    dated = sorted(
        ((_utc(each.taken_at), each) for each in candidates if each.taken_at), key=lambda one: (one[0], one[1].name)
    )
    newest_first = [each for _, each in reversed(dated)]
    stop = _why_none_goes(newest_first, policy, now)
    wanted = _wanted(newest_first, policy, proven)
    told = [_judged(each, wanted.get(each.name, []), stop, policy, now) for each in newest_first]
    undated = (each for each in candidates if each.taken_at is None)
    unknown = [
        Judged(name=each.name, taken_at=None, is_kept=True, reasons=(each.problem or "nothing says when it was taken",))
        for each in undated
    ]
    return (*told, *unknown)


def _judged(each: Candidate, wanted: Sequence[str], stop: str, policy: BackupPolicy, now: datetime) -> Judged:
    """Return what becomes of a backup."""
    age = now - _utc(each.taken_at or now)
    reasons = [*([each.held] if each.held else []), *wanted]
    if age < YOUNG:
        reasons.append("younger than a day")
    if each.problem and age < timedelta(days=policy.keep_daily):
        reasons.append(f"not good, so that somebody can look at it: {each.problem}")
    if stop and not reasons:
        reasons.append(stop)
    if reasons:
        return Judged(name=each.name, taken_at=each.taken_at, is_kept=True, reasons=tuple(reasons))
    why = (
        f"not good: {each.problem}"
        if each.problem
        else "a newer one stands for its day, week and month, or they are too long ago"
    )
    return Judged(name=each.name, taken_at=each.taken_at, is_kept=False, reasons=(why,))


def _why_none_goes(newest_first: Sequence[Candidate], policy: BackupPolicy, now: datetime) -> str:
    """Return why nothing may go at all; empty when something may."""
    if not newest_first:
        return ""
    newest = newest_first[0]
    if newest.problem:
        return f"nothing goes while the newest, {newest.name}, is not good: {newest.problem}"
    age, most = now - _utc(newest.taken_at or now), timedelta(hours=_STALE * policy.max_age_h)
    if age > most:
        hours = age.total_seconds() / 3600
        return f"nothing goes while the newest, {newest.name}, is {hours:.0f} h old: backups have stopped"
    return ""


def _wanted(newest_first: Sequence[Candidate], policy: BackupPolicy, proven: Sequence[str]) -> dict[str, list[str]]:
    """Return by name why backups are kept by rule: the newest, the last proven one, one for each period."""
    good = [each for each in newest_first if not each.problem]
    found: dict[str, list[str]] = {}
    if good:
        found.setdefault(good[0].name, []).append("the newest good one")
    there = {each.name for each in good}
    last = next((name for name in reversed(proven) if name in there), "")
    if last:
        found.setdefault(last, []).append("the last that a drill has proven")
    most = (policy.keep_daily, policy.keep_weekly, policy.keep_monthly)
    for (word, period), count in zip(_PERIODS, most, strict=True):
        for name, which in _of_periods(good, period, count):
            found.setdefault(name, []).append(f"the newest of its {word}, {_spelled(word, which)}")
    return found


def _of_periods(
    newest_first: Iterable[Candidate], period: Callable[[datetime], tuple[int, ...]], count: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the newest backup of each of so many periods that have one, the latest first, with the period."""
    seen: set[tuple[int, ...]] = set()
    for each in newest_first:
        which = period(_utc(each.taken_at)) if each.taken_at else ()
        if which in seen:
            continue
        if len(seen) == count:
            return
        seen.add(which)
        yield each.name, which


def _spelled(word: str, which: tuple[int, ...]) -> str:
    """Return a period in words."""
    if word == "week":
        return f"{which[0]}-W{which[1]:02}"
    return "-".join(f"{number:02}" for number in which)


def _utc(at: datetime) -> datetime:
    """Return a moment by UTC's calendar."""
    return at.astimezone(UTC)
