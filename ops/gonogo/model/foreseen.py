"""The records of migrations that were judged before they run: one by one, and a history as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gonogo.model.deeds import Deeds
from gonogo.model.entries import Finding
from gonogo.model.migrations import LintFinding, Manner
from gonogo.model.observed import Revision


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """One revision of a history: what it sends, what it does, and what rules say of it.

    Attributes:
        parents: the revisions before it.
        sql: everything that it sends; that it was not run is said in it.
        manner: how its SQL became known.
    """

    revision: Revision
    parents: tuple[str, ...] = ()
    sql: str = ""
    manner: Manner = Manner.CAPTURED
    findings: tuple[LintFinding, ...] = ()
    deeds: Deeds = field(default_factory=Deeds)


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """A whole history, judged once: whoever asks for some of its revisions picks them out.

    Attributes:
        revisions: all of them, oldest first.
        heads: the newest revisions.
        findings: what is found in the history as a whole.
        notes: what could not be looked at, and why; a sentence each.
    """

    revisions: tuple[Judged, ...]
    heads: tuple[str, ...] = ()
    findings: tuple[LintFinding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def parents(self) -> Mapping[str, tuple[str, ...]]:
        """Return what each revision stands on, oldest first."""
        return {each.revision.id: each.parents for each in self.revisions}


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """One pending migration, its SQL and its findings.

    Attributes:
        deeds: what it does.
        manner: how its SQL became known.
    """

    revision: Revision
    sql: str
    findings: tuple[Finding, ...]
    deeds: Deeds = field(default_factory=Deeds)
    manner: Manner = Manner.CAPTURED
