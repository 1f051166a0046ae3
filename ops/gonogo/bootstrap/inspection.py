"""What can be asked of an environment outside a release: how it is, a backup, what migrations would do."""

from gonogo import foresight, proving, vitals
from gonogo.adapters import contracts
from gonogo.bootstrap import trees, wiring
from gonogo.errors import RefusedError, StepFailedError, UsageError
from gonogo.model import Backup, Config, Entry, Foreseen, Plan, Project
from gonogo.protocols import World


def examine(config: Config) -> tuple[vitals.Vital, ...]:
    """Return how an environment is."""
    return vitals.examine(wiring.world(config, observe=_nobody), config)


def observed(config: Config) -> World:
    """Return the real world of an environment, for looking at it outside of a release."""
    return wiring.world(config, observe=_nobody)


def back_up(config: Config) -> Backup:
    """Take a backup.

    Raises:
        RefusedError: it could not be taken.
    """
    outside = wiring.world(config, observe=_nobody)
    return outside.backups.take(f"{outside.clock.now():%Y%m%dT%H%M%S%fZ}")


def check_backup(config: Config, name: str, *, restore: bool) -> tuple[str, tuple[str, ...]]:
    """Return a backup's name, and all that is wrong with it.

    Args:
        config: the environment's.
        name: empty for the newest.
        restore: whether to restore one that looks good, and hold what was restored against its manifest.

    Raises:
        UsageError: there is no backup.
        UnreachableError: the scratch server does not answer.
    """
    outside = wiring.world(config, observe=_nobody)
    newest = None if name else outside.backups.newest()
    # Where none can be read, the one that was written last says why.
    chosen = name or (newest.name if newest else next(reversed(outside.backups.names()), ""))
    if not chosen:
        hint = f"invoke backup.run --env {config.target.name}"
        raise UsageError("no-backup", f"there is no backup of {config.target.name} here", hint=hint)
    problems = outside.backups.verify(chosen)
    return chosen, problems or (_restored(outside, chosen) if restore else ())


def _restored(outside: World, name: str) -> tuple[str, ...]:
    """Return what is wrong with a backup when it is restored."""
    backup = outside.backups.find(name)
    if backup is None:
        return (f"{name} is gone",)
    try:
        proving.compare_rows(backup, proving.restored_rows(outside, backup, proving.scratch_name(f"verify{name}")))
    except (RefusedError, StepFailedError) as error:
        return (error.message,)
    return ()


def foresee_plan(outside: World, plan: Plan) -> tuple[Foreseen, ...]:
    """Return what a plan's pending migrations would do."""
    checkout = outside.checkouts.provide(plan.target_commit)
    return foresight.foresee(outside.migrations, checkout, plan.pending, today=outside.clock.now().date())


def write_contracts(project: Project, *, check: bool) -> str:
    """Let the tree write its public contracts, or only check them; return what it says.

    Raises:
        ConfigurationError: the project has no command for that.
        NoGoError: a reader would break, or `check` found old files.
    """
    repository = trees.repository(project)
    git = repository.facts()
    checkout = trees.checkouts(project).provide(repository.snapshot() if git.dirty else git.commit)
    return contracts.write(project.commands.contracts, checkout, root=project.root, check=check)


def _nobody(entry: Entry) -> None:
    """Watch nothing."""
    del entry
