"""The words of a report: verdicts, states, severities, durations.

May not know how they are drawn.
"""

import re
from datetime import UTC, datetime

from gonogo import redaction
from gonogo.model import EntryKind, PlanKind, Report, Severity, StepReport, StepStatus, Verdict, WayBack, version_of

_MINUTE = 60
_HOUR = 3600
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

TITLES = {
    Verdict.RELEASED: "Released",
    Verdict.ROLLED_BACK: "Rolled back",
    Verdict.NO_GO: "No-go",
    Verdict.NEEDS_PERSON: "A person must act",
    Verdict.NOTHING_TO_DO: "Nothing to do",
    Verdict.INTERRUPTED: "Interrupted",
    Verdict.ABANDONED: "Abandoned",
    Verdict.UNFINISHED: "Unfinished",
}

_SENTENCES = {
    Verdict.RELEASED: "{environment} serves {serving}, observed at the end.",
    Verdict.ROLLED_BACK: "{environment} serves {serving} again, observed at the end.",
    Verdict.NO_GO: "A gate said no. Nothing has changed; {environment} serves {serving}.",
    Verdict.NEEDS_PERSON: "{environment} is not proven to be back. It serves {serving}.",
    Verdict.NOTHING_TO_DO: "{environment} already serves {serving}.",
    Verdict.INTERRUPTED: "The release was stopped before its end. {environment} serves {serving}.",
    Verdict.ABANDONED: "The release was given up. {environment} serves {serving}.",
    Verdict.UNFINISHED: "The release has not ended: the journal has more steps to go.",
}

# A rollback's, where they are not a release's.
_TITLES_BACK = {Verdict.RELEASED: "Gone back", Verdict.ROLLED_BACK: "Rollback undone"}
_SENTENCES_BACK = {
    Verdict.RELEASED: "{environment} serves the earlier version {serving}, observed at the end.",
    Verdict.ROLLED_BACK: "The rollback failed and was undone: {environment} serves {serving}, as when it began.",
    Verdict.NEEDS_PERSON: "The rollback failed and is not proven to be undone. {environment} serves {serving}.",
    Verdict.INTERRUPTED: "The rollback was stopped before its end. {environment} serves {serving}.",
    Verdict.ABANDONED: "The rollback was given up. {environment} serves {serving}.",
    Verdict.UNFINISHED: "The rollback has not ended: the journal has more steps to go.",
}

# The schema's, moved alone.
_TITLES_ALONE = {
    PlanKind.MIGRATION: {Verdict.RELEASED: "Migrated", Verdict.ROLLED_BACK: "Migration undone"},
    PlanKind.DOWNGRADE: {Verdict.RELEASED: "Taken back", Verdict.ROLLED_BACK: "Downgrade undone"},
    PlanKind.RESTORE: {Verdict.RELEASED: "Restored", Verdict.ROLLED_BACK: "Restore undone"},
    PlanKind.ROTATION: {Verdict.RELEASED: "Rotated", Verdict.ROLLED_BACK: "Rotation undone"},
}
_SENTENCES_ALONE = {
    Verdict.RELEASED: "The schema of {environment} is where it was to go, read at the end. It serves {serving}.",
    Verdict.ROLLED_BACK: "The schema of {environment} is where it was before, read at the end. It serves {serving}.",
    Verdict.NEEDS_PERSON: "The schema of {environment} is not proven to be back. It serves {serving}.",
    Verdict.INTERRUPTED: "It was stopped before its end. {environment} serves {serving}.",
    Verdict.ABANDONED: "It was given up. {environment} serves {serving}.",
    Verdict.UNFINISHED: "It has not ended: the journal has more steps to go.",
}
# A restore's.
_SENTENCES_RESTORED = {
    Verdict.RELEASED: "{environment} serves {serving}; the databases are as planned, read at the end.",
    Verdict.ROLLED_BACK: "What was served in {environment} is served again. It serves {serving}.",
    Verdict.NEEDS_PERSON: "The databases of {environment} are not proven to be back. It serves {serving}.",
}

# A rotation's.
_SENTENCES_ROTATED = {
    Verdict.RELEASED: "{environment} uses the new secret everywhere and refuses the old one. It serves {serving}.",
    Verdict.ROLLED_BACK: "{environment} uses the old secret as before, and the new one is gone. It serves {serving}.",
    Verdict.NEEDS_PERSON: "The rotation on {environment} is not at its end, and not undone. It serves {serving}.",
}
_SENTENCES_OF = {
    PlanKind.RELEASE: {},
    PlanKind.ROLLBACK: _SENTENCES_BACK,
    PlanKind.RESTORE: _SENTENCES_ALONE | _SENTENCES_RESTORED,
    PlanKind.ROTATION: _SENTENCES_ALONE | _SENTENCES_ROTATED,
}

WAYS_BACK = {
    WayBack.SAFE: "safe",
    WayBack.SAFE_WITH_LOSS: "safe, with loss",
    WayBack.UNKNOWN: "unknown, so not safe",
    WayBack.IMPOSSIBLE: "impossible",
}

_STATUSES = {
    StepStatus.PENDING: "not run",
    StepStatus.RUNNING: "not ended",
    StepStatus.DONE: "done",
    StepStatus.FAILED: "failed",
    StepStatus.REVERTING: "being undone",
    StepStatus.REVERTED: "undone",
    StepStatus.REVERT_FAILED: "undo failed",
}

SEVERITIES = {Severity.BLOCK: "blocks", Severity.ADVISE: "advises", Severity.INFO: "fine"}

EVENTS = {
    EntryKind.RELEASE_STARTED: "begins",
    EntryKind.STEP_STARTED: "started",
    EntryKind.STEP_NOTED: "noted",
    EntryKind.STEP_DONE: "done",
    EntryKind.STEP_FAILED: "failed",
    EntryKind.REVERT_STARTED: "undoing",
    EntryKind.REVERT_DONE: "undone",
    EntryKind.REVERT_FAILED: "undo failed",
    EntryKind.INTERRUPTED: "interrupted",
    EntryKind.TURNED: "turned round",
    EntryKind.RESUMED: "resumed",
    EntryKind.RELEASE_ENDED: "ended",
    EntryKind.DRILLED: "drilled",
}


def title(verdict: Verdict, kind: PlanKind) -> str:
    """Return a verdict as a heading; a rollback that went well is not called a release."""
    back = _TITLES_BACK if kind is PlanKind.ROLLBACK else _TITLES_ALONE.get(kind, {})
    return back.get(verdict, TITLES[verdict])


def sentence(report: Report) -> str:
    """Return what the verdict means for the environment, in one sentence."""
    own = _SENTENCES_OF.get(report.kind, _SENTENCES_ALONE)
    said = _SENTENCES | own
    serving = version_of(report.serving_commit) if report.serving_commit else "a version that was not observed"
    return said[report.verdict].format(environment=report.environment, serving=serving)


def outcome(step: StepReport, *, failed: bool) -> str:
    """Return a step's state; `failed` when it turned the release round, also if it was undone since."""
    word = _STATUSES[step.status]
    return f"failed, {word}" if failed and step.reverted_seconds is not None else word


def seconds(value: float) -> str:
    """Return a duration for people: 0.4 s, 62.1 s, 4 min 05 s, 1 h 02 min."""
    if value < 2 * _MINUTE:
        return f"{value:.1f} s" if value >= 0.05 or value == 0 else "<0.1 s"  # noqa: PLR2004  # half the last digit
    whole = round(value)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02d} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02d} min"


def duration(report: Report) -> str:
    """Return how long a release took, and how much of that nobody was at it; empty while it runs."""
    if not report.ended_at:
        return ""
    idle = f", of which nobody was at it for {seconds(report.idle_s)}" if report.idle_s else ""
    return f"{seconds(report.duration_s)}{idle}"


def milliseconds(value: float) -> str:
    """Return a latency for people: 3.2 ms, 140 ms, 1.4 s."""
    if value >= 1000:  # noqa: PLR2004  # a second
        return f"{value / 1000:.1f} s"
    return f"{value:.1f} ms" if value < 10 else f"{value:.0f} ms"  # noqa: PLR2004  # two digits are enough


def moment(at: datetime) -> str:
    """Return a time in UTC, to the second."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: 1 request, 3,214 requests."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def clean(text: str) -> str:
    """Return text without secrets and without the characters that would steer a terminal or break a page."""
    return redaction.PROCESS.hidden(_UNPRINTABLE.sub("", text.replace("\r\n", "\n")))


def one_line(text: str) -> str:
    """Return text on one line, cleaned."""
    return " ".join(clean(text).split())
