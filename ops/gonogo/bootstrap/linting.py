"""Linting beside releases: what they have applied is not looked at again."""

from collections.abc import Iterable
from contextlib import suppress

from gonogo import adoption, journal
from gonogo.adapters.postgres import Postgres
from gonogo.bootstrap import wiring
from gonogo.errors import ConfigurationError
from gonogo.linting import Asked, Server, interpreter, judging, migration_setup
from gonogo.linting.judging import below, wanted_of
from gonogo.model import Chain, Linted, MigrationSetup, Project, Verdict

__all__ = ["applied", "below", "interpreter", "lint_project", "migration_setup", "read", "wanted_of"]


def lint_project(
    setup: MigrationSetup, *, server: str | None, done: Iterable[str] = (), only: str = "", drift: bool = False
) -> Linted:
    """Return what is found in the working tree's migrations, with a scratch server that is there.

    Args:
        setup: how they are run.
        server: a scratch server; without one, SQL is rendered and not run.
        done: revisions that were applied somewhere, which are not looked at again, nor those before them.
        only: the one revision to look at; empty for all that are not done.
        drift: whether the models are compared with the migrated schema, too.

    Raises:
        RefusedError: the history cannot be read, or squawk is missing.
        UsageError: there is no such revision.
        NoGoError: a revision that was applied is not in the history.
    """
    return judging.look(
        setup,
        Asked(done=frozenset(done), only=only, drift=drift),
        server=lambda: Server(url=server) if server else None,
    )


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
