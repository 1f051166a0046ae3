"""The one page that names adapters: what stands behind each port."""

import getpass
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gonogo import config as config_room
from gonogo import redaction
from gonogo.adapters.catalog import SqlCatalog
from gonogo.adapters.clock import SystemClock
from gonogo.adapters.coolify import Coolify
from gonogo.adapters.files import FileLog
from gonogo.adapters.jobs import SqlJobs
from gonogo.adapters.ledger import SqlLedger
from gonogo.adapters.migrations import AlembicMigrations
from gonogo.adapters.postgres import Postgres
from gonogo.adapters.requirements import CommandRequirements
from gonogo.adapters.safe import FileSafe, OwnValues
from gonogo.adapters.service import HttpService
from gonogo.adapters.smoke import PytestSmoke
from gonogo.adapters.trials.copied import CopyTrials
from gonogo.bootstrap import issuing, logs, storing, trees
from gonogo.bootstrap.reaching import reached
from gonogo.model import (
    Commands,
    Config,
    Entry,
    MigrationSetup,
    Project,
    Request,
    Secret,
    Target,
)
from gonogo.protocols import (
    Database,
    Elders,
    Jobs,
    Migrations,
    Service,
    Smoke,
    Traffic,
    Trials,
    Usage,
    World,
)


@dataclass(frozen=True, slots=True)
class NoTraffic:
    """No requests but the probes' own."""

    is_expected = False

    def requests(self) -> tuple[Request, ...]:
        """Return none."""
        return ()


def load(root: Path, environment: str, environ: Mapping[str, str]) -> Config:
    """Return the configuration of an environment.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: something is missing or wrong, all of it at once.
    """
    config = config_room.load(root / config_room.FILE, environment, environ, shell=os.environ)
    others = (secret for secrets in config.elsewhere.values() for secret in secrets)
    redaction.PROCESS.hide(word for secret in (*config.target.secrets, *others) for word in secret.words)
    return config


def project(root: Path) -> Project:
    """Return what needs no environment.

    Raises:
        ConfigurationError: something is missing or wrong, all of it at once.
    """
    return config_room.load_project(root / config_room.FILE, os.environ)


def stack_of(root: Path, environment: str) -> str | None:
    """Return the local stack that an environment lives on; None for a real one."""
    return config_room.stack_of(root / config_room.FILE, environment)


def world(
    config: Config,
    *,
    observe: Callable[[Entry], None],
    traffic: Traffic | None = None,
    elders: Elders | None = None,
    own: OwnValues | None = None,
) -> World:
    """Return the real world of an environment; nothing is contacted yet.

    Args:
        config: the environment.
        observe: told each entry after it is stored.
        traffic: the requests that run meanwhile.
        elders: what starts earlier releases beside a copy; None where nothing can.
        own: where the operator's own values are kept; in the environment's env file unless said otherwise.
    """
    target = config.target
    host = socket.gethostname()
    logs.log_to(config.state, target)
    return World(
        clock=SystemClock(),
        git=trees.repository(config),
        checkouts=trees.checkouts(config),
        platform=Coolify(target.coolify_url, target.coolify_token, fingerprint_key=target.database_url),
        service=_service(config),
        database=_database(target),
        catalog=reached(target, "catalog", lambda at: SqlCatalog(at.database_url)),
        backups=storing.backups(config),
        restores=storing.restores(config),
        migrations=_migrations(config),
        trials=_trials(config, elders),
        requirements=CommandRequirements(config.commands.settings),
        jobs=jobs(config),
        usage=_usage(config),
        safe=FileSafe(config.state / "secrets" / target.name, own or issuing.own_values(config)),
        issuers=issuing.issuers(config),
        smoke=reached(target, "smoke", lambda at: PytestSmoke(config.commands.smoke, at)),
        ledger=ledger(config),
        log=FileLog(logs.evidence_log(config)),
        traffic=traffic or NoTraffic(),
        observe=observe,
        operator=f"{getpass.getuser()}@{host}",
        host=host,
        pid=os.getpid(),
    )


def trials(
    setup: MigrationSetup, server: str, elders: Elders | None, *, say: Callable[[str], None] = lambda _: None
) -> Trials:
    """Return where the migrations of a project are tried that names no more than these; nothing is contacted yet.

    Args:
        setup: how they are run.
        server: a scratch server; another database of the target's server will do, and is noted.
        elders: what starts earlier releases; None where nothing can.
        say: told what is being tried.
    """
    return CopyTrials(
        commands=Commands(migrate=setup.command, migrations=setup.ini, smoke=(), backup=()),
        scratch_url=Secret("SCRATCH_DATABASE_URL", server),
        limits=setup.limits,
        elders=elders,
        target=setup.database,
        may_share=True,
        variables=setup.environ,
        say=say,
    )


def clock() -> SystemClock:
    """Return the system's clock."""
    return SystemClock()


def ledger(config: Project) -> SqlLedger:
    """Return the ledger."""
    return SqlLedger(config.ledger_url)


def kept_ledger(config: Project) -> SqlLedger | None:
    """Return the ledger for whoever only looks; None where no file of it is there yet, and none is made."""
    prefix = "sqlite:///"
    path = config.ledger_url.removeprefix(prefix)
    return None if config.ledger_url.startswith(prefix) and not Path(path).is_file() else ledger(config)


def jobs(config: Config) -> Jobs:
    """Return an environment's job queue; nothing is contacted yet."""
    operator = f"{getpass.getuser()}@{socket.gethostname()}"
    return reached(config.target, "jobs", lambda at: SqlJobs(at.database_url, operator=operator))


def with_token(smoke: Smoke, token: Secret) -> Smoke:
    """Return the same smoke suite, run with another token."""
    return smoke.with_token(token) if isinstance(smoke, PytestSmoke) else smoke


def _database(target: Target) -> Database:
    """Return an environment's database."""
    return reached(
        target,
        "database",
        lambda at: Postgres(at.database_url, scratch_url=at.scratch_url, is_shared=at.stack is not None),
    )


def _migrations(config: Config) -> Migrations:
    """Return the target's migrations."""
    return reached(
        config.target,
        "migrations",
        lambda at: AlembicMigrations(
            config.commands,
            database_url=at.database_url,
            limits=at.limits,
            scratch_url=at.scratch_url,
            variables=config.lint_environment,
        ),
    )


def _trials(config: Config, elders: Elders | None) -> Trials:
    """Return where an environment's migrations are tried: never on its own server, unless that is a local stack's."""
    return reached(
        config.target,
        "trials",
        lambda at: CopyTrials(
            commands=config.commands,
            scratch_url=at.trial_url,
            limits=at.limits,
            elders=elders,
            target=None if at.stack else at.database_url,
            variables=config.lint_environment,
        ),
    )


def _service(config: Config) -> Service:
    """Return the released service."""
    return _http_service(config)


def _usage(config: Config) -> Usage:
    """Return who says which secrets the released service uses."""
    return _http_service(config)


def _http_service(config: Config) -> HttpService:
    """Return the released service as it is reached."""

    def made(at: Target) -> HttpService:
        return HttpService(at.api_url, at.api_token, config.service, timeout_s=at.limits.probe_timeout_s)

    ssh = config.target.ssh
    return reached(config.target, "service", made) if ssh and "api" in ssh.carries else made(config.target)
