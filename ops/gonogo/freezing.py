"""Times at which nothing is released to an environment: read from gonogo.toml, and asked whether it is one now.

Going back and going on are never frozen: only a new release is.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from gonogo.errors import LockHeldError
from gonogo.model import Finding, Freeze, Severity

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_KEYS = {"reason", "days", "from", "to", "zone"}
_Problem = Callable[[str], None]


def read(given: object, at: str, problem: _Problem) -> tuple[Freeze, ...]:
    """Return the windows of an environment; each problem is told, and its window left out.

    Args:
        given: the value of `freeze` in the environment's table.
        at: where it stands, for the problems.
        problem: told each problem, in a sentence.
    """
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        problem(f"{at} must be a list of tables: write [[{at}]]")
        return ()
    found = (_window(table, f"{at}[{number}]", problem) for number, table in enumerate(given, start=1))
    return tuple(each for each in found if each)


def frozen(windows: tuple[Freeze, ...], now: datetime) -> Freeze | None:
    """Return the first window that holds now; None when there is none."""
    return next((each for each in windows if _holds(each, now)), None)


def weigh(windows: tuple[Freeze, ...], now: datetime, *, because: str, who: str) -> tuple[Finding, ...]:
    """Return what a plan says of the time it was made at; nothing when it is no frozen one.

    Args:
        windows: the environment's.
        now: the time.
        because: why it is released all the same; empty when nobody said.
        who: says so.
    """
    window = frozen(windows, now)
    if window is None:
        return ()
    if because:
        message = f"released by {who} during the freeze {said(window)}, because: {because}"
        return (Finding(rule="freeze", severity=Severity.ADVISE, message=message),)
    hint = "wait, or say why not: --during-freeze REASON"
    message = f"there is a freeze now, a release will be refused: {said(window)}"
    return (Finding(rule="freeze", severity=Severity.ADVISE, message=message, hint=hint),)


def refuse(environment: str, windows: tuple[Freeze, ...], now: datetime) -> None:
    """Raise when now is a time at which nothing is released.

    Raises:
        LockHeldError: it is; saying yes does not change that, saying why does.
    """
    window = frozen(windows, now)
    if window is None:
        return
    hint = f"wait, or: invoke deploy.{environment} --during-freeze REASON"
    why = "nothing has changed; going back and going on with a release are not frozen"
    message = f"{environment} is frozen: {said(window)}"
    raise LockHeldError("frozen", message, where=f"gonogo.toml: environments.{environment}.freeze", why=why, hint=hint)


def said(window: Freeze) -> str:
    """Return a window in words."""
    if window.starts and window.ends:
        return f"{window.reason} ({window.starts:%F %H:%M} to {window.ends:%F %H:%M} {window.zone})"
    days = ", ".join(_DAYS[day] for day in sorted(window.days))
    span = "all day" if _is_whole_day(window) else f"{window.start:%H:%M} to {window.end:%H:%M}"
    return f"{window.reason} ({days}, {span} {window.zone})"


def _holds(window: Freeze, now: datetime) -> bool:
    """Return whether a time is in a window, by the clock on the wall of its zone."""
    here = now.astimezone(ZoneInfo(window.zone)).replace(tzinfo=None)
    if window.starts and window.ends:
        return window.starts <= here < window.ends
    today, yesterday = here.weekday() in window.days, (here - timedelta(days=1)).weekday() in window.days
    if window.start < window.end:
        return today and window.start <= here.time() < window.end
    return (today and here.time() >= window.start) or (yesterday and here.time() < window.end)


def _is_whole_day(window: Freeze) -> bool:
    """Return whether a weekly window has no times."""
    return (window.start, window.end) == (time.min, time.min)


def _window(table: Mapping[str, Any], at: str, problem: _Problem) -> Freeze | None:
    """Return one window; None when there is anything wrong with it."""
    wrong = [f"{at}.{key} is not a key of a freeze; known are {', '.join(sorted(_KEYS))}" for key in set(table) - _KEYS]
    if not isinstance(table.get("reason"), str) or not table["reason"].strip():
        wrong.append(f"{at}.reason is missing: say why nothing is released then")
    if (zone := table.get("zone", "UTC")) and not _is_zone(zone):
        wrong.append(f"{at}.zone {zone!r} is no time zone; write one as Europe/Berlin or UTC")
    times = _weekly(table, at, wrong.append) if "days" in table else _absolute(table, at, wrong.append)
    for each in sorted(wrong):
        problem(each)
    return None if wrong else Freeze(reason=table["reason"].strip(), zone=zone, **times)


def _weekly(table: Mapping[str, Any], at: str, problem: _Problem) -> dict[str, Any]:
    """Return the days and times of a window that comes every week."""
    days = table["days"]
    if not isinstance(days, list) or not days or not all(day in _DAYS for day in days):
        problem(f"{at}.days must be a list of {', '.join(_DAYS)}")
        days = []
    start = _clock(table.get("from"), time.min, f"{at}.from", problem)
    end = _clock(table.get("to"), time.min, f"{at}.to", problem)
    return {"days": frozenset(_DAYS.index(day) for day in days), "start": start, "end": end}


def _clock(given: object, default: time, at: str, problem: _Problem) -> time:
    """Return a time of day; without one it is midnight."""
    try:
        if given is None or isinstance(given, time):
            return given or default
        return datetime.strptime(str(given), "%H:%M").time()  # noqa: DTZ007  # a time of day has no zone
    except ValueError:
        problem(f'{at} must be a time of day as "16:00"')
        return default


def _absolute(table: Mapping[str, Any], at: str, problem: _Problem) -> dict[str, Any]:
    """Return the beginning and the end of a window that comes once; an end that is a day is that whole day."""
    starts, ends = (_moment(table.get(key), f"{at}.{key}", problem) for key in ("from", "to"))
    if ends and not isinstance(table["to"], datetime):
        ends += timedelta(days=1)
    if starts and ends and starts >= ends:
        problem(f"{at}.to is not after {at}.from")
    return {"starts": starts, "ends": ends}


def _moment(given: object, at: str, problem: _Problem) -> datetime | None:
    """Return a day's beginning, or a time on the wall."""
    if isinstance(given, datetime) and given.tzinfo is None:
        return given
    if isinstance(given, date) and not isinstance(given, datetime):
        return datetime.combine(given, time.min)
    problem(f"{at} must be a date or a time without offset, as 2026-12-24 or 2026-12-24T18:00:00; or give days")
    return None


def _is_zone(zone: object) -> bool:
    """Return whether there is such a time zone."""
    try:
        ZoneInfo(str(zone))
    except (KeyError, ValueError, OSError):
        return False
    return isinstance(zone, str)
