"""Linting beside releases: what they have applied is not looked at again."""

from contextlib import suppress
from pathlib import Path

from gonogo import adoption, journal
from gonogo.adapters.postgres import Postgres
from gonogo.bootstrap import wiring
from gonogo.errors import ConfigurationError
from gonogo.linting import migration_setup
from gonogo.linting.judging import lint_project
from gonogo.model import MigrationSetup, Project, Verdict

__all__ = ["applied", "lint_project", "migration_setup"]


def applied(setup: MigrationSetup) -> frozenset[str]:
    """Return the revisions that are known to be applied: those of the environment's database, else of the ledger."""
    if setup.database:
        revision = Postgres(setup.database, scratch_url=setup.scratch or setup.database).revision()
        return frozenset({revision} if revision else ())
    with suppress(ConfigurationError):
        return _released(wiring.project(setup.root), setup)
    return frozenset()


def _released(project: Project, setup: MigrationSetup) -> frozenset[str]:
    """Return the revisions that releases of any environment have applied."""
    if (
        project.ledger_url.startswith("sqlite:///")
        and not Path(project.ledger_url.removeprefix("sqlite:///")).is_file()
    ):
        return frozenset()
    ledger, found = wiring.ledger(project), set[str]()
    for environment in adoption.environments(setup.root):
        for release in ledger.releases(environment):
            state = journal.replay(ledger.read(release))
            if state.verdict is Verdict.RELEASED:
                found |= {state.plan.start_revision or "", *(each.id for each in state.plan.pending)}
    return frozenset(found - {""})
