"""What migrations will do to a target, put together: deeds, sizes, locks, findings, and the class of each. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gonogo import advice
from gonogo.model import Advice, Census, Foreseen, Letter, Place, Trial


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """What is to be expected of some migrations.

    Attributes:
        versions: where the target stands; none where there is no target, or nothing in it.
        has_target: whether a database was looked at.
        foreseen: a migration each, oldest first.
        advices: the class of each.
        census: what the target holds of the tables that they touch.
        hidden: how many older ones were left out.
        tried_at: when they were tried on a copy; None where they were not.
        notes: what could not be looked at, and why; a sentence each.
    """

    versions: tuple[str, ...]
    has_target: bool
    foreseen: tuple[Foreseen, ...]
    advices: tuple[Advice, ...] = ()
    census: Census = field(default_factory=Census)
    hidden: int = 0
    tried_at: datetime | None = None
    notes: tuple[str, ...] = ()

    @property
    def letter(self) -> Letter:
        """Return the class of all of them together."""
        return advice.worst(self.advices)


def weighed(outlook: Outlook, trial: Trial | None) -> Outlook:
    """Return an outlook with the class of each migration."""
    return Outlook(
        versions=outlook.versions,
        has_target=outlook.has_target,
        foreseen=outlook.foreseen,
        advices=advice.advise_all(outlook.foreseen, trial, outlook.census if outlook.has_target else None),
        census=outlook.census,
        hidden=outlook.hidden,
        tried_at=trial.at if trial else None,
        notes=outlook.notes,
    )


def relations(foreseen: Sequence[Foreseen]) -> tuple[str, ...]:
    """Return the tables and indexes that some migrations touch."""
    return tuple(dict.fromkeys(lock.relation for each in foreseen for lock in each.deeds.locks))


def places(foreseen: Sequence[Foreseen]) -> tuple[Place, ...]:
    """Return where some migrations, or their downgrades, take values away."""
    return tuple(dict.fromkeys(place for each in foreseen for place in (*each.deeds.takes, *each.deeds.gives_back)))
