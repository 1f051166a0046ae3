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
    """Who holds an environment's lock. What the ledger adds when it is looked at does not make it another holder.

    Attributes:
        who: user@host.
        pid: the process on that host; 0 for a person's hold, which no process keeps.
        since: when it was taken.
        why: the release, or the person's reason, in words.
        release_id: empty for a person's hold.
        fence: the number of this holding, higher than that of any before it; 0 for an older ledger's.
        held_s: how long it is held, on the ledger's clock.
        ends_in_s: how long it lasts without a sign of life; None for one that lasts until it is given back.
    """

    who: str
    host: str
    pid: int
    since: datetime
    why: str
    release_id: str
    fence: int = field(default=0, compare=False)
    held_s: float = field(default=0.0, compare=False)
    ends_in_s: float | None = field(default=None, compare=False)

    @property
    def is_person(self) -> bool:
        """Return whether a person holds it, without a release."""
        return not self.release_id


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """One holding of an environment's lock.

    Attributes:
        fence: its number, higher than that of any before it.
    """

    environment: str
    fence: int
