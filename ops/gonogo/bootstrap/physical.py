"""What is done with physical backups: they are taken, checked, and recovered to a moment."""

from dataclasses import dataclass

from gonogo import stock
from gonogo.bootstrap import storing, wiring
from gonogo.errors import GonogoError, UnreachableError, UsageError
from gonogo.model import Config, PhysicalBackup, Recovered, RecoveryRoute, RecoveryWish, WalFacts, WalRun


def take_physical(config: Config) -> tuple[PhysicalBackup, str]:
    """Take a physical backup; return it, and why it is a full one.

    Raises:
        NoGoError: the server is not set up for it.
        RefusedError: it could not be taken.
    """
    return storing.physical(config).take(f"{wiring.clock().now():%Y%m%dT%H%M%S%fZ}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How an environment's physical backups stand.

    Attributes:
        backups: those whose manifests can be read, oldest first.
        problems: what somebody has to see to, a sentence each; nothing where the engine takes none.
        runs: by timeline, archived WAL files without a gap.
    """

    backups: tuple[PhysicalBackup, ...]
    problems: tuple[str, ...] = ()
    runs: tuple[WalRun, ...] = ()


def standing(config: Config) -> Standing:
    """Look at an environment's physical backups and at the WAL after them; no file is read to its end."""
    kept, policy = storing.physical(config), config.target.backups
    found = kept.all()
    if policy.engine != stock.PHYSICAL:
        return Standing(backups=found)
    unreadable = sorted({*kept.names()} - {each.name for each in found})
    told = [
        *stock.of_physical(found, policy, now=wiring.clock().now()),
        *(f"the physical backup {each} is not to be relied on: its manifest cannot be read" for each in unreadable),
    ]
    try:
        facts, _ = wal_facts(config, is_read=False)
    except GonogoError as error:
        return Standing(backups=found, problems=(*told, error.message))
    return Standing(backups=found, problems=(*told, *facts.problems), runs=facts.runs)


def count_physical(config: Config) -> int:
    """Return how many physical backups there are, whole or not."""
    return len(storing.physical(config).names())


def is_physical(config: Config, name: str) -> bool:
    """Return whether a backup of that name, or without one the newest that the engine takes, is a physical one."""
    kept = storing.physical(config)
    return kept.has(name) if name else config.target.backups.engine == stock.PHYSICAL


def check_physical(config: Config, name: str, *, restore: bool) -> tuple[str, tuple[str, ...]]:
    """Return a physical backup's name, and all that is wrong with it and what it builds on.

    Args:
        config: the environment's.
        name: empty for the newest.
        restore: whether to build a data folder from one that looks good, and start it once.

    Raises:
        UsageError: there is no backup.
    """
    kept = storing.physical(config)
    chosen = name or next(reversed(kept.names()), "")
    if not chosen:
        hint = f"invoke backup.run --env {config.target.name}"
        raise UsageError("no-backup", f"there is no physical backup of {config.target.name} here", hint=hint)
    return chosen, kept.verify(chosen) or (kept.try_out(chosen) if restore else ())


def wal_facts(config: Config, *, is_read: bool) -> tuple[WalFacts, tuple[PhysicalBackup, ...]]:
    """Return what the WAL archive holds, and the backups that it goes on from.

    Raises:
        UsageError: none is set.
        RefusedError: it cannot be looked into.
    """
    kept = storing.physical(config)
    try:
        said, words = kept.archiver(), ""
    except UnreachableError as error:
        said, words = None, error.message
    found = kept.wal(said, is_read=is_read)
    if found is None:
        hint = f"set environments.{config.target.name}.backups.wal in gonogo.toml; docs/backups.md says how"
        raise UsageError("no-wal-archive", f"no WAL archive of {config.target.name} is set", hint=hint)
    if words:
        problems = (*found.problems, f"the server was not asked: {words}")
        found = WalFacts(folder=found.folder, runs=found.runs, archiver=None, problems=problems)
    return found, kept.all()


def route(config: Config, wish: RecoveryWish) -> RecoveryRoute:
    """Return how a recovery would go; nothing is written.

    Raises:
        RefusedError: it cannot go.
    """
    return storing.physical(config).route(wish)


def recover(config: Config, wish: RecoveryWish) -> Recovered:
    """Build a data folder, prove it, and leave it stopped.

    Raises:
        RefusedError: it cannot be built, or is not what it should be; nothing is left of it.
    """
    return storing.physical(config).recover(wish)
