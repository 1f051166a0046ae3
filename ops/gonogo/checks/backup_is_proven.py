"""A backup that nobody has ever restored and used is a hope; a drill makes it a fact."""

from datetime import datetime, timedelta

from gonogo.model import Config, Drill, Facts, Finding, Severity

_RULE = "backup-is-proven"
_WHY = "the dump that the release takes is restored, too, but never used, and stays on this machine"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block when no drill has proven a backup that is young enough; where there is another place, its copy counts."""
    days = config.target.backups.proven_days
    if not days:
        return (_finding(Severity.INFO, "no proven backup is asked for (backups.proven_days)"),)
    if not facts.previous_commit:
        return (_finding(Severity.INFO, "nothing serves there yet: no proven backup is asked for"),)
    is_away = config.target.backups.offsite is not None
    good = [each for each in facts.drills if each.is_good and (each.is_offsite or not is_away)]
    newest = max(good, key=_moment, default=None)
    where = " of the other place" if is_away else ""
    if newest and facts.at - _moment(newest) <= timedelta(days=days):
        return (_finding(Severity.INFO, f"{newest.backup}{where} is proven, {_age(facts, newest)} old"),)
    said = f"the newest, {newest.backup}, is {_age(facts, newest)} old" if newest else _failed(facts)
    hint = f"invoke backup.drill --env {config.target.name}"
    return (_finding(Severity.BLOCK, f"no backup{where} of the last {days} days is proven: {said}; {_WHY}", hint),)


def _moment(drill: Drill) -> datetime:
    """Return the moment whose data a drill has brought back."""
    return drill.taken_at or drill.started_at


def _age(facts: Facts, drill: Drill) -> str:
    """Return how old a proven backup is, in words."""
    hours = max(0, int((facts.at - _moment(drill)).total_seconds() // 3600))
    return f"{hours // 24} days" if hours >= 48 else f"{hours} h"  # noqa: PLR2004  # two days


def _failed(facts: Facts) -> str:
    """Return what came of the last drill where none was good enough."""
    last = facts.drills[-1] if facts.drills else None
    if last is None:
        return "there was no drill yet"
    if last.is_good:
        return "only those of this machine are"
    return f"the last drill failed: {last.problems[0]}"


def _finding(severity: Severity, message: str, hint: str = "") -> Finding:
    """Return the finding."""
    return Finding(rule=_RULE, severity=severity, message=message, hint=hint)
