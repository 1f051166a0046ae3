"""Migrations told before they run: which database they are held against, and whether a release has tried them."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gonogo import journal, lineage
from gonogo.adapters.catalog import SqlCatalog
from gonogo.adapters.postgres import Postgres
from gonogo.bootstrap import wiring
from gonogo.errors import ConfigurationError, LedgerError, NoGoError, UnreachableError
from gonogo.linting.foreseeing import Reached
from gonogo.model import Config, MigrationSetup, Trial

__all__ = ["reach", "trial_of"]
# How many releases are looked through for a trial of the same migrations.
_LOOKED_AT = 20


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


def trial_of(root: Path, environment: str, ids: Sequence[str]) -> Trial | None:
    """Return the newest trial of just these migrations; None where the ledger knows none, or there is no ledger.

    Args:
        root: the folder that holds gonogo.toml.
        environment: whose releases are looked through.
        ids: the revisions.
    """
    with suppress(ConfigurationError, LedgerError, NoGoError, UnreachableError):
        if ledger := wiring.kept_ledger(wiring.project(root)):
            states = (journal.replay(ledger.read(each)) for each in ledger.releases(environment)[:_LOOKED_AT])
            return lineage.trial_of(states, ids)
    return None
