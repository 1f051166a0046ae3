"""A trial held against the budgets of an environment: what is over, what failed, what nobody knows."""

from collections.abc import Iterator, Sequence

from gonogo.model import (
    Backup,
    Climb,
    Climbed,
    Limits,
    LintFinding,
    Lost,
    Outlived,
    Revision,
    Severity,
    Traced,
    Trial,
    version_of,
)
from gonogo.trying.measures import waits
from gonogo.trying.telling import seconds, size

_NO_TRIAL = "no-trial"
# What can be waived in a revision, as any rule of the linter.
REFERENCES = frozenset(
    {
        "trial-fails",
        "trial-grows",
        "trial-loses-values",
        "trial-rewrites",
        "trial-slow",
        "trial-stair",
        "trial-stops-reads",
        "trial-stops-writes",
    }
)
_STOPPED = {"read": ("trial-stops-reads", "trial_reads_s"), "write": ("trial-stops-writes", "trial_writes_s")}
_STAIRS = {
    Climb.NO_DOWNGRADE: "has no downgrade that does anything",
    Climb.LEAVES_TRACES: "leaves traces when it is taken back and applied again",
    Climb.FAILS: "cannot be taken back and applied again",
    Climb.NOT_TRIED: "was not taken back and applied again",
}


def judge(trial: Trial, revision: Revision, limits: Limits, environment: str = "") -> tuple[LintFinding, ...]:
    """Return what a trial says against one revision; each can be waived in the revision.

    Args:
        trial: what was held.
        revision: which of them.
        limits: the budgets.
        environment: whose they are; empty for a project's own.
    """
    traced = next((each for each in trial.traced if each.revision == revision.id), None)
    climbed = next((each for each in trial.climbed if each.revision == revision.id), None)
    found = list(_of_stair(climbed, revision, environment)) if climbed else []
    if traced is None:
        return tuple(found)
    return (
        *_of_failure(traced, revision, environment),
        *_of_locks(traced, revision, limits),
        *_of_size(traced, revision, limits),
        *found,
    )


def judge_whole(
    trial: Trial, pending: Sequence[Revision], limits: Limits, *, backup: Backup | None, environment: str = ""
) -> tuple[LintFinding, ...]:
    """Return what a trial says about the pending revisions as a whole: what was left out, the elder, the data's age.

    Args:
        trial: what was held.
        pending: what is to be applied.
        limits: of the environment.
        backup: what the copy was restored from; None for an empty database.
        environment: whose it is; empty for a project's own.
    """
    return (
        *_of_gaps(trial, pending, limits, environment),
        *_of_elder(trial.outlived),
        *_of_age(trial, limits, backup, environment),
    )


def not_held(why: str, limits: Limits, environment: str = "") -> LintFinding:
    """Return the finding of migrations that could not be tried: advice, unless a trial is required."""
    return LintFinding(
        reference=_NO_TRIAL,
        severity=Severity.BLOCK if limits.require_trial else Severity.ADVISE,
        message=f"no trial was held: {why}",
        consequence="how long tables are locked, whether it can be taken back, and whether the version that serves "
        "survives it is not known",
        fix=f"mend that, then: {_again(environment)}"
        + ("; or, knowing the risk, set require_trial = false in gonogo.toml" if limits.require_trial else ""),
    )


def _of_failure(traced: Traced, revision: Revision, environment: str) -> Iterator[LintFinding]:
    """Yield that a revision failed on the copy."""
    if traced.problem:
        yield _found(
            "trial-fails",
            revision,
            f"fails on a copy of the data: {traced.problem}",
            "it would fail there, too, after the release has begun",
            fix=f"mend it, then: {_again(environment)}; what it sends: invoke migrate.lint --revision {revision.id}",
        )


def _of_locks(traced: Traced, revision: Revision, limits: Limits) -> Iterator[LintFinding]:
    """Yield each table that could not be read, or written, for longer than the budget; once, with the worse need."""
    said = set[str]()
    for wait in sorted(waits(traced), key=lambda wait: wait.need):
        reference, key = _STOPPED[wait.need]
        budget = getattr(limits, key)
        if wait.seconds <= budget or wait.relation in said:
            continue
        said.add(wait.relation)
        who = "nobody can read or write it" if wait.need == "read" else "nobody can write to it"
        took = f", taken by line {wait.first.line}" if wait.first.line else ""
        yield _found(
            reference,
            revision,
            f"holds {wait.mode.value} on {wait.relation} for {seconds(wait.seconds)}{took}; the budget is "
            f"{seconds(budget)} ({key})",
            f"{who} meanwhile{_stalled(traced, wait.relation)}",
            fix=_instead(revision),
            line=wait.first.line,
            statement=wait.first.statement,
        )


def _stalled(traced: Traced, relation: str) -> str:
    """Return what the load really waited for a relation, in words; empty where it did not."""
    stalls = [stall for stall in traced.stalls if stall.relation == relation]
    if not stalls:
        return ""
    worst = max(stalls, key=lambda stall: stall.longest_s)
    return f"; {worst.sessions} sessions of the load waited, the longest {seconds(worst.longest_s)}"


def _of_size(traced: Traced, revision: Revision, limits: Limits) -> Iterator[LintFinding]:
    """Yield what takes too long, rewrites too much, or grows too much."""
    rewritten = sum(each.bytes for each in traced.rewrites)
    named = ", ".join(each.relation for each in traced.rewrites[:5])
    if traced.seconds > limits.trial_revision_s:
        message = f"takes {seconds(traced.seconds)}; the budget is {seconds(limits.trial_revision_s)}"
        yield _found(
            "trial-slow",
            revision,
            f"{message} (trial_revision_s)",
            "a release waits so long between old and new, and its step may run out of time",
            fix=_instead(revision),
        )
    if rewritten > limits.trial_rewrite_bytes:
        message = f"writes {size(rewritten)} anew ({named}); the budget is {size(limits.trial_rewrite_bytes)}"
        yield _found(
            "trial-rewrites",
            revision,
            f"{message} (trial_rewrite_bytes)",
            "so much is written to the log and to replicas at once, and as much again is needed on the disk",
            fix=_instead(revision),
        )
    if traced.growth_bytes > limits.trial_growth_bytes:
        message = f"makes the database {size(traced.growth_bytes)} larger"
        yield _found(
            "trial-grows",
            revision,
            f"{message}; the budget is {size(limits.trial_growth_bytes)} (trial_growth_bytes)",
            "a full disk stops the database, and with it everything",
            fix=_instead(revision),
        )


def _of_stair(climbed: Climbed, revision: Revision, environment: str) -> Iterator[LintFinding]:
    """Yield a stair that does not hold, and values that are lost."""
    if climbed.climb is not Climb.OK and (revision.reversible or climbed.climb in {Climb.FAILS, Climb.LEAVES_TRACES}):
        is_promised = revision.reversible and climbed.climb is not Climb.NOT_TRIED
        about = "; ".join(part for part in (climbed.problem, *climbed.differences[:3]) if part)
        yield _found(
            "trial-stair",
            revision,
            f"{_STAIRS[climbed.climb]}{f': {about}' if about else ''}",
            "it says reversible = True, and a rollback would rely on that"
            if revision.reversible
            else "nobody can rely on its downgrade",
            fix=f"mend the downgrade, or set reversible = False; then: {_again(environment)}",
            severity=Severity.BLOCK if is_promised else Severity.ADVISE,
        )
    if climbed.lost_up:
        is_broken = revision.kind == "expand"
        yield _found(
            "trial-loses-values",
            revision,
            f"takes {lost_words(climbed.lost_up)} away",
            "it says expand, and takes nothing away by that word"
            if is_broken
            else "only a backup from before it brings them back",
            fix='set kind = "contract" if that is meant, and keep what is still needed'
            if is_broken
            else "look whether somebody needs them; if not, this is meant, and a backup is all that keeps them",
            severity=Severity.BLOCK if is_broken else Severity.ADVISE,
        )


def _of_gaps(trial: Trial, pending: Sequence[Revision], limits: Limits, environment: str) -> Iterator[LintFinding]:
    """Yield the revisions that the trial did not come to, unless one before them failed."""
    tried = {each.revision for each in trial.traced}
    left = [each.id for each in pending if each.id not in tried]
    if left and not any(each.problem for each in trial.traced):
        yield not_held(f"it did not come to {', '.join(left)}", limits, environment)


def _of_elder(outlived: Outlived | None) -> Iterator[LintFinding]:
    """Yield that the release that runs now does not survive the migrations, or that nobody knows."""
    if outlived is None or outlived.runs is None:
        why = outlived.why if outlived else "nobody knows which release runs now"
        yield LintFinding(
            reference="trial-elder",
            severity=Severity.ADVISE,
            message=f"whether the release that runs now works on the new schema was not tried: {why}",
            consequence="it serves on that schema until the new one has taken over, and again after a rollback",
            fix="",
        )
    elif not outlived.runs:
        others = len(outlived.failed) - 1
        failed = f"{''.join(outlived.failed[:1])}{f'; and {others} more, told with the trial' if others > 0 else ''}"
        yield LintFinding(
            reference="trial-elder",
            severity=Severity.INFO if outlived.excused else Severity.BLOCK,
            message=f"release {version_of(outlived.commit)} does not work on the new schema: {failed}",
            consequence="it serves on that schema until the new one has taken over: users meet these errors",
            fix="split it: first release code that does without, then take it away in a contract",
            waived=outlived.excused,
        )


def _of_age(trial: Trial, limits: Limits, backup: Backup | None, environment: str) -> Iterator[LintFinding]:
    """Yield that the data is too old to be believed."""
    if backup is None or backup.taken_at is None:
        return
    age = (trial.at - backup.taken_at).total_seconds()
    if age > limits.trial_backup_age_s:
        old, most = (f"{each / 3600:.0f} h" for each in (age, limits.trial_backup_age_s))
        yield LintFinding(
            reference="trial-backup-age",
            severity=Severity.BLOCK,
            message=f"the backup {backup.name} is {old} old; the budget is {most} (trial_backup_age_s)",
            consequence="tables may have grown since, and locks are held for longer",
            fix=f"invoke backup.run{_of(environment)}, then: {_again(environment)}",
        )


def _found(  # noqa: PLR0913  # a finding's parts, most by name
    reference: str,
    revision: Revision,
    message: str,
    consequence: str,
    *,
    fix: str,
    line: int = 0,
    statement: str = "",
    severity: Severity = Severity.BLOCK,
) -> LintFinding:
    """Return a finding about one revision."""
    return LintFinding(
        reference=reference,
        severity=severity,
        revision=revision.id,
        path=revision.path,
        line=line,
        message=message,
        consequence=consequence,
        fix=fix,
        statement=statement,
    )


def _again(environment: str) -> str:
    """Return the command that holds a trial."""
    return f"invoke migrate.rehearse{_of(environment)}"


def _of(environment: str) -> str:
    """Return the flag that names an environment; nothing for a project's own."""
    return f" --env {environment}" if environment else ""


def _instead(revision: Revision) -> str:
    """Return how a revision over its budget becomes one within it."""
    return (
        f"the safe form: invoke migrate.lint --revision {revision.id}; or release when nobody is there to wait, "
        "with a waiver in the revision"
    )


def lost_words(lost: Sequence[Lost]) -> str:
    """Return what is lost, in words: 12,345 values of public.users.age."""
    return ", ".join(f"{each.values:,} {_of_what(each)}" for each in lost)


def _of_what(lost: Lost) -> str:
    """Return what kind of values these are."""
    return f"values of {lost.relation}.{lost.column}" if lost.column else f"rows of {lost.relation}"
