"""The record of a rehearsal: pending migrations tried outside of a release, and what is to be said of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gonogo.model.backups import Backup
from gonogo.model.entries import Finding
from gonogo.model.observed import Revision
from gonogo.model.terms import Severity
from gonogo.model.trials import Trial


@dataclass(frozen=True, kw_only=True, slots=True)
class Rehearsed:
    """What a rehearsal came to.

    Attributes:
        environment: whose migrations; empty where the project names none.
        start: the revision that the copy was at; None for the empty schema.
        revisions: those that were pending, oldest first.
        trial: None where nothing is pending.
        findings: what is said of each revision, by its id; of all of them by the empty name.
        backup: what the copy was restored from; None for an empty database.
        notes: what is to be known of how it was held, a sentence each.
    """

    at: datetime
    environment: str
    start: str | None
    revisions: tuple[Revision, ...]
    trial: Trial | None
    findings: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    backup: Backup | None = None
    notes: tuple[str, ...] = ()

    @property
    def all_findings(self) -> tuple[Finding, ...]:
        """Return everything that is said."""
        return tuple(found for each in self.findings.values() for found in each)

    @property
    def is_good(self) -> bool:
        """Return whether nothing would stop a release."""
        return not any(each.severity is Severity.BLOCK for each in self.all_findings)
