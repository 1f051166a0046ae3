"""What can be asked of an environment outside a release: how it is, a backup, what migrations would do."""

from gonogo import foresight, proving, vitals
from gonogo.adapters import contracts
from gonogo.bootstrap import wiring
from gonogo.model import Backup, Config, Entry, Plan, Project
from gonogo.protocols import World


def examine(config: Config) -> tuple[vitals.Vital, ...]:
    """Return how an environment is."""
    return vitals.examine(wiring.world(config, observe=_nobody), config)


def observed(config: Config) -> World:
    """Return the real world of an environment, for looking at it outside of a release."""
    return wiring.world(config, observe=_nobody)


def back_up(config: Config) -> Backup:
    """Take a backup and prove that it restores.

    Raises:
        RefusedError: it could not be taken, or not be restored.
        StepFailedError: what was restored is not what was dumped.
    """
    outside = wiring.world(config, observe=_nobody)
    name = f"{outside.clock.now():%Y%m%dT%H%M%S%fZ}"
    backup = outside.backups.take(name)
    proving.check_digest(outside.backups, backup)
    proving.compare_rows(backup, proving.restored_rows(outside, backup, proving.scratch_name(name)))
    return backup


def foresee_plan(outside: World, plan: Plan) -> tuple[foresight.Foreseen, ...]:
    """Return what a plan's pending migrations would do."""
    checkout = outside.checkouts.provide(plan.target_commit)
    return foresight.foresee(outside.migrations, checkout, plan.pending, today=outside.clock.now().date())


def write_contracts(project: Project, *, check: bool) -> str:
    """Let the tree write its public contracts, or only check them; return what it says.

    Raises:
        ConfigurationError: the project has no command for that.
        NoGoError: a reader would break, or `check` found old files.
    """
    repository = wiring.repository(project)
    git = repository.facts()
    checkout = wiring.checkouts(project).provide(repository.snapshot() if git.dirty else git.commit)
    return contracts.write(project.commands.contracts, checkout, root=project.root, check=check)


def _nobody(entry: Entry) -> None:
    """Watch nothing."""
    del entry
