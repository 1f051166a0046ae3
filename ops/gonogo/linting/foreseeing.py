"""A judged history held against what a target holds: which of it waits there, and what that would do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from gonogo import outlook, prospects
from gonogo.linting.choosing import Parents, wanted_of
from gonogo.model import Judgement, Trial
from gonogo.outlook import Outlook
from gonogo.protocols import Catalog, Database


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """The database of an environment, and its catalog.

    Attributes:
        is_released: whether releases go there, which demand that each revision declares its kind.
    """

    database: Database
    catalog: Catalog
    is_released: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """Which migrations are to be told of.

    Attributes:
        start: those after this revision; empty for those that the target lacks.
        is_all: those that were applied, too.
        newest: no more than so many, the newest; None for all.
    """

    start: str = ""
    is_all: bool = False
    newest: int | None = None


def look_ahead(
    judgement: Judgement,
    target: Reached | None,
    scope: Scope,
    *,
    trial: Callable[[Sequence[str]], Trial | None] = lambda _: None,
) -> Outlook:
    """Return what migrations would do.

    Args:
        judgement: the history that they are of.
        target: the database to hold them against; None for none.
        scope: which of them.
        trial: gives the newest trial of just these revisions, where there is one.

    Raises:
        NoGoError: the database is at a revision that this tree does not have.
        UsageError: there is no such revision.
    """
    versions = target.catalog.standing().versions if target else ()
    wanted = _wanted(judgement.parents, versions, scope)
    shown = wanted[-scope.newest :] if scope.newest else wanted
    pending = prospects.foreseen(judgement, shown, must_declare=target is not None and target.is_released)
    found = Outlook(
        versions=versions,
        has_target=target is not None,
        foreseen=pending,
        hidden=len(wanted) - len(shown),
        notes=judgement.notes,
    )
    if target:
        found = replace(found, census=target.catalog.census(outlook.relations(pending), outlook.places(pending)))
    return outlook.weighed(found, trial(wanted))


def _wanted(parents: Parents, versions: Sequence[str], scope: Scope) -> list[str]:
    """Return the revisions to tell of, oldest first."""
    if scope.start:
        (start,) = wanted_of(parents, frozenset(), scope.start)
        return wanted_of(parents, frozenset({start}), "")
    return wanted_of(parents, frozenset() if scope.is_all else frozenset(versions), "")
