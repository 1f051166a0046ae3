"""Migrations told before they run: captured, judged, and held against what the target holds; nothing is changed."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gonogo import foresight, journal, lineage, outlook
from gonogo.adapters import squawk
from gonogo.adapters.catalog import SqlCatalog
from gonogo.adapters.postgres import Postgres
from gonogo.bootstrap import linting, wiring
from gonogo.errors import ConfigurationError, LedgerError, NoGoError, UnreachableError
from gonogo.foresight import Foreseen
from gonogo.model import Chain, Config, MigrationSetup, Trial
from gonogo.outlook import Outlook
from gonogo.protocols import Catalog, Database

__all__ = ["Reached", "Scope", "foreseen", "look_ahead", "reach"]
# How many releases are looked through for a trial of the same migrations.
_LOOKED_AT = 20


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


def reach(setup: MigrationSetup, config: Config | None) -> Reached | None:
    """Return an environment's database as it is reached; None where there is none.

    Args:
        setup: how the project's migrations are run.
        config: all of the environment; None where gonogo.toml holds no more than its database.
    """
    if config:
        seen = wiring.world(config, observe=lambda _: None)
        return Reached(database=seen.database, catalog=seen.catalog)
    if setup.database is None:
        return None
    scratch = setup.scratch or setup.database
    database = Postgres(setup.database, scratch_url=scratch)
    return Reached(database=database, catalog=SqlCatalog(setup.database), is_released=False)


def look_ahead(
    setup: MigrationSetup, target: Reached | None, scope: Scope, *, server: str | None, environment: str = ""
) -> Outlook:
    """Return what this tree's migrations would do.

    Args:
        setup: how they are run.
        target: the database to hold them against; None for none.
        scope: which of them.
        server: a scratch server; without one, SQL is rendered and not run.
        environment: whose releases are looked through for a trial of them.

    Raises:
        NoGoError: the database is at a revision that this tree does not have.
        RefusedError: the history cannot be read.
        UsageError: there is no such revision.
    """
    versions = target.catalog.standing().versions if target else ()
    chain = linting.read(setup, server, is_ours=setup.scratch is None)
    wanted = _wanted(chain, versions, scope)
    shown = wanted[-scope.newest :] if scope.newest else wanted
    pending = foreseen(chain, shown, must_declare=target is not None and target.is_released)
    found = Outlook(
        versions=versions,
        has_target=target is not None,
        foreseen=pending,
        hidden=len(wanted) - len(shown),
        notes=chain.notes,
    )
    if target:
        found = replace(found, census=target.catalog.census(outlook.relations(pending), outlook.places(pending)))
    return outlook.weighed(found, _trial(setup.root, environment, wanted) if environment else None)


def foreseen(chain: Chain, ids: Sequence[str], *, must_declare: bool) -> tuple[Foreseen, ...]:
    """Return what some migrations of a history will do, oldest first.

    Args:
        chain: the history.
        ids: which of them.
        must_declare: whether one that does not say its kind is a finding.
    """
    today = wiring.clock().now().date()
    return foresight.foresee_chain(
        chain, outlook.revisions_of(chain, ids), squawk.said, today=today, must_declare=must_declare
    )


def _wanted(chain: Chain, versions: Sequence[str], scope: Scope) -> list[str]:
    """Return the revisions to tell of, oldest first."""
    if scope.start:
        (start,) = linting.wanted_of(chain, frozenset(), scope.start)
        return linting.wanted_of(chain, frozenset({start}), "")
    return linting.wanted_of(chain, frozenset() if scope.is_all else frozenset(versions), "")


def _trial(root: Path, environment: str, ids: Sequence[str]) -> Trial | None:
    """Return the newest trial of just these migrations; None where the ledger knows none, or there is no ledger."""
    with suppress(ConfigurationError, LedgerError, NoGoError, UnreachableError):
        if ledger := wiring.kept_ledger(wiring.project(root)):
            states = (journal.replay(ledger.read(each)) for each in ledger.releases(environment)[:_LOOKED_AT])
            return lineage.trial_of(states, ids)
    return None
