"""Linting beside releases: what they have applied is not looked at again."""

from contextlib import suppress

from gonogo import adoption, journal
from gonogo.adapters.postgres import Postgres
from gonogo.bootstrap import wiring
from gonogo.errors import ConfigurationError
from gonogo.linting import Server, below, interpreter, judging, migration_setup, wanted_of
from gonogo.model import Chain, MigrationSetup, Project, Verdict

__all__ = ["applied", "below", "interpreter", "migration_setup", "read", "wanted_of"]


def applied(setup: MigrationSetup) -> frozenset[str]:
    """Return the revisions that are known to be applied: those of the environment's database, else of the ledger."""
    if setup.database:
        return frozenset(Postgres(setup.database, scratch_url=setup.scratch or setup.database).revisions())
    with suppress(ConfigurationError):
        return _released(wiring.project(setup.root), setup)
    return frozenset()


def _released(project: Project, setup: MigrationSetup) -> frozenset[str]:
    """Return the revisions that releases of any environment have applied."""
    ledger, found = wiring.kept_ledger(project), set[str]()
    if ledger is None:
        return frozenset()
    for environment in adoption.environments(setup.root):
        for release in ledger.releases(environment):
            state = journal.replay(ledger.read(release))
            if state.verdict is Verdict.RELEASED:
                found |= {state.plan.start_revision or "", *(each.id for each in state.plan.pending)}
    return frozenset(found - {""})


def read(setup: MigrationSetup, server: str | None, *, is_ours: bool = False, drift: bool = False) -> Chain:
    """Return the working tree's history, captured where there is a server.

    Args:
        setup: how the project's migrations are run.
        server: a scratch server.
        is_ours: whether nobody else uses it.
        drift: whether the models are compared with the migrated schema, too.

    Raises:
        RefusedError: the history cannot be read.
    """
    found = Server(url=server, is_ours=is_ours) if server else None
    return judging.history(setup, lambda: found, drift=drift)
