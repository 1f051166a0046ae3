"""Where an environment's backups are: dumps, copies at another place, physical ones, databases filled from them."""

from functools import partial

from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.clock import SystemClock
from gonogo.adapters.migrations import AlembicMigrations
from gonogo.adapters.physical.keeping import PhysicalBackups
from gonogo.adapters.restores import SqlRestores
from gonogo.adapters.vault import ObjectVault
from gonogo.bootstrap.reaching import reached
from gonogo.model import Config, Secret
from gonogo.protocols import Backups, Migrations, Restores, Shelf, Vault


def shelf(config: Config) -> Shelf:
    """Return an environment's backups on this machine, to be looked at and removed; no database is needed."""
    folder = config.state / "backups" / config.target.name
    return ScriptBackups(config.commands.backup, root=config.root, folder=folder, url=config.target.database_url)


def vault(config: Config) -> Vault | None:
    """Return the second place of an environment's backups; None where it has none. Nothing is contacted yet."""
    offsite, name = config.target.backups.offsite, config.target.name
    if offsite is None:
        return None
    return ObjectVault(offsite, name, locks=config.state, now=SystemClock().now)


def backups(config: Config) -> Backups:
    """Return an environment's backups, taken by the project's own script."""
    folder = config.state / "backups"
    return reached(
        config.target,
        "backups",
        lambda at: ScriptBackups(
            config.commands.backup, root=config.root, folder=folder / at.name, url=at.database_url
        ),
    )


def physical(config: Config) -> PhysicalBackups:
    """Return an environment's physical backups; nothing is contacted yet."""
    folder = config.state / "backups" / config.target.name / "physical"
    policy = config.target.backups
    return reached(config.target, "physical", lambda at: PhysicalBackups(at.database_url, folder=folder, policy=policy))


def restores(config: Config) -> Restores:
    """Return the databases of an environment's server."""
    kept = backups(config)
    return reached(
        config.target,
        "restores",
        lambda at: SqlRestores(
            at.database_url,
            backups=kept,
            vault=lambda: vault(config),
            folder=config.state / "fetched",
            environment=at.name,
            migrations=partial(migrations_on, config),
        ),
    )


def migrations_on(config: Config, database: Secret) -> Migrations:
    """Return an environment's migrations, run on another database."""
    target = config.target
    return AlembicMigrations(
        config.commands, database_url=database, limits=target.limits, scratch_url=target.scratch_url
    )
