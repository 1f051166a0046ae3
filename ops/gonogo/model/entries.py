"""The records of the journal: entries, findings, and who holds the lock."""

from dataclasses import dataclass, field
from datetime import datetime

from gonogo.model.terms import EntryKind, Notes, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What a check or a step says about the world.

    Attributes:
        rule: kebab-case name of the check, or of the step's proof.
        severity: whether it stops the release.
        message: one sentence with the values that were seen.
        hint: the setting to change or the command to run; empty for what is fine.
    """

    rule: str
    severity: Severity
    message: str
    hint: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One line of the journal.

    Attributes:
        release_id: the release it belongs to.
        at: when, aware UTC.
        kind: what happened.
        step: the step's name; None for entries about the whole release.
        data: ids, evidence and findings, JSON.
        seq: position in the ledger, ascending; 0 until stored.
    """

    release_id: str
    at: datetime
    kind: EntryKind
    step: str | None = None
    data: Notes = field(default_factory=dict)
    seq: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who holds an environment's lock.

    Attributes:
        who: user@host.
        pid: the process on that host.
        since: when it was taken.
        why: the release, in words.
    """

    who: str
    host: str
    pid: int
    since: datetime
    why: str
    release_id: str
