"""The one page that names adapters: what stands behind each port."""

import getpass
import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

from uv import find_uv_bin

from gonogo import config as config_room
from gonogo import redaction
from gonogo import telegram as telegram_room
from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.catalog import SqlCatalog
from gonogo.adapters.checkouts import Checkouts
from gonogo.adapters.clock import SystemClock
from gonogo.adapters.coolify import Coolify
from gonogo.adapters.files import FileLog
from gonogo.adapters.git import GitRepository
from gonogo.adapters.issuing import Issuer, NamedIssuers
from gonogo.adapters.issuing.cache import RedisLogin
from gonogo.adapters.issuing.clients import ApiTokens, WebhookSecret
from gonogo.adapters.issuing.database import DatabaseLogins
from gonogo.adapters.issuing.providers import TodoistToken, XaiKey
from gonogo.adapters.jobs import SqlJobs
from gonogo.adapters.leaks.history import GitHistory
from gonogo.adapters.ledger import SqlLedger
from gonogo.adapters.migrations import AlembicMigrations, read_history
from gonogo.adapters.physical.keeping import PhysicalBackups
from gonogo.adapters.postgres import Postgres
from gonogo.adapters.requirements import CommandRequirements
from gonogo.adapters.restores import SqlRestores
from gonogo.adapters.safe import FileSafe, OwnValues, env_file
from gonogo.adapters.service import HttpService
from gonogo.adapters.smoke import PytestSmoke
from gonogo.adapters.telegram import HttpWebhook, TelegramApi
from gonogo.adapters.tokens import CommandTokens
from gonogo.adapters.trials.copied import CopyTrials
from gonogo.adapters.tunnels import Calls, through
from gonogo.adapters.vault import ObjectVault
from gonogo.errors import UsageError
from gonogo.model import (
    Commands,
    Config,
    Entry,
    MigrationSetup,
    Project,
    Readiness,
    Request,
    Secret,
    Target,
    WebhookWish,
)
from gonogo.protocols import (
    Backups,
    Database,
    Elders,
    Issuers,
    Jobs,
    Migrations,
    Restores,
    Service,
    Shelf,
    Smoke,
    Tokens,
    Traffic,
    Trials,
    Usage,
    Vault,
    World,
)

_LOG = "gonogo.log"
Port = TypeVar("Port")
# What the loss of a tunnel means for each call. One that is not listed may have changed something: it is not repeated.
_CALLS = {
    "backups": Calls(repeatable=("take",), beside=("find", "names", "newest", "verify", "digest", "free_bytes")),
    "database": Calls(
        repeatable=(
            "server_version",
            "dump_tool_version",
            "revision",
            "size_bytes",
            "password_ends",
            "scratch_is_apart",
            "restore",
        ),
        beside=("drop_scratch",),
    ),
    "restores": Calls(repeatable=("databases", "obstacles", "revision")),
    "catalog": Calls(repeatable=("census", "standing")),
    "jobs": Calls(repeatable=("facts", "newer_than", "outcomes", "find", "dead")),
    "migrations": Calls(repeatable=(), beside=("history", "chain", "squawk")),
    "physical": Calls(
        repeatable=("take", "archiver"),
        beside=("names", "has", "all", "verify", "try_out", "wal", "route", "recover", "where"),
    ),
    "service": Calls(
        repeatable=("ready", "is_live", "workers", "job", "secrets"),
        # A service that cannot be asked is not ready; only who changes something there gets the error itself.
        instead={
            "ready": lambda error: Readiness(
                status_code=0, ready=False, commit=None, schema_revision=None, detail=error.message, ms=0.0
            ),
            "is_live": lambda _: False,
            "workers": lambda _: (),
        },
    ),
    "smoke": Calls(repeatable=("run",)),
    "tokens": Calls(repeatable=("lines",)),
    # A trial asks the target where it is, and no more; it takes too long to be held again for a tunnel.
    "trials": Calls(repeatable=("clear",)),
    "issuers": Calls(repeatable=("problems", "accepts", "users"), beside=("makes", "draft")),
}


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
    _log_to(config.state / _LOG, target)
    return World(
        clock=SystemClock(),
        git=repository(config),
        checkouts=checkouts(config),
        platform=Coolify(target.coolify_url, target.coolify_token, fingerprint_key=target.database_url),
        service=_service(config),
        database=_database(target),
        catalog=_reached(target, "catalog", lambda at: SqlCatalog(at.database_url)),
        backups=_backups(config),
        restores=_restores(config),
        migrations=_migrations(config),
        trials=_trials(config, elders),
        requirements=CommandRequirements(config.commands.settings),
        jobs=jobs(config),
        usage=_usage(config),
        safe=FileSafe(config.state / "secrets" / target.name, own or _own_values(config)),
        issuers=_issuers(config),
        smoke=_reached(target, "smoke", lambda at: PytestSmoke(config.commands.smoke, at)),
        ledger=ledger(config),
        log=FileLog(_evidence_log(config)),
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


def repository(config: Project) -> GitRepository:
    """Return the repository that releases are made from."""
    ignored = (str(config.log.relative_to(config.root)),) if config.log else ()
    history = GitHistory(config.root, config.state)
    return GitRepository(config.root, uv=find_uv_bin(), ignored=ignored, history=history)


def checkouts(config: Project) -> Checkouts:
    """Return the checkouts of commits, kept below gonogo's own folder."""
    return Checkouts(
        repository=config.root,
        root=config.state / "checkouts",
        environment=config.artifact.environment,
        key_files=config.artifact.key_files,
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
    return _reached(config.target, "jobs", lambda at: SqlJobs(at.database_url, operator=operator))


def tokens(config: Config) -> Tokens:
    """Return an environment's API tokens; the service's own command is run from the commit that is checked out.

    Raises:
        UsageError: the project names no such command.
    """
    if not config.commands.tokens:
        raise UsageError("no-token-command", "this project names no command for tokens", hint="set commands.tokens")
    checkout = checkouts(config).provide(repository(config).resolve("HEAD"))
    command = config.commands.tokens
    return _reached(
        config.target, "tokens", lambda at: CommandTokens(command, checkout=checkout, database_url=at.database_url)
    )


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


def telegram(config: Config) -> telegram_room.Line:
    """Return what stands between Telegram and an environment; nothing is contacted yet.

    Raises:
        ConfigurationError: something is missing, all of it at once.
    """
    hook, bot = telegram_room.demand(config)
    timeout_s = config.target.limits.probe_timeout_s
    door = HttpWebhook(config.target.api_url, hook.path, timeout_s=timeout_s)
    _log_to(config.state / _LOG, config.target)
    return telegram_room.Line(
        api=TelegramApi(bot.url, bot.token, timeout_s=timeout_s),
        door=door,
        clock=SystemClock(),
        wish=WebhookWish(url=door.url, secret=bot.webhook_secrets[0].reveal(), allowed_updates=hook.allowed_updates),
        accepted=tuple(each.reveal() for each in bot.webhook_secrets),
        bot=bot.bot,
    )


def _issuers(config: Config) -> Issuers:
    """Return who makes each secret of an environment."""
    target = config.target
    return NamedIssuers(
        {
            "api-tokens": lambda: _token_issuer(config),
            "database": lambda: _reached(target, "issuers", lambda at: DatabaseLogins(at.database_url)),
            "redis": lambda: _reached(target, "issuers", lambda at: RedisLogin(at.redis_url)),
            "telegram-webhook": lambda: WebhookSecret(telegram(config)),
            "todoist-token": lambda: _provider_issuer(config, "todoist-token"),
            "xai-key": lambda: _provider_issuer(config, "xai-key"),
        }
    )


def _token_issuer(config: Config) -> Issuer:
    """Return who makes API tokens."""
    timeout_s = config.target.limits.probe_timeout_s
    return ApiTokens(tokens(config), url=config.target.api_url, path=config.service.secrets or "/", timeout_s=timeout_s)


def _provider_issuer(config: Config, name: str) -> Issuer:
    """Return who makes a provider's key.

    Raises:
        UsageError: nobody said where the provider is.
    """
    found, timeout_s = config.target.providers, config.target.limits.probe_timeout_s
    if found is None:
        raise UsageError("no-provider", f"nobody said where the provider of {name} is")
    if name == "todoist-token":
        return TodoistToken(url=found.todoist_url, timeout_s=timeout_s)
    return XaiKey(
        url=found.xai_url,
        management_url=found.xai_management_url,
        management_key=found.xai_management_key,
        timeout_s=timeout_s,
    )


def _own_values(config: Config) -> OwnValues:
    """Return where an environment's own values are kept."""
    return env_file(config.root / config.target.env_file if config.target.env_file else None)


def head(found: Project, commit: str) -> str:
    """Return the newest revision of a commit's migrations."""
    history = read_history(checkouts(found).provide(commit), found.commands.migrations)
    return history.heads[0]


def with_token(smoke: Smoke, token: Secret) -> Smoke:
    """Return the same smoke suite, run with another token."""
    return smoke.with_token(token) if isinstance(smoke, PytestSmoke) else smoke


def _database(target: Target) -> Database:
    """Return an environment's database."""
    return _reached(target, "database", lambda at: Postgres(at.database_url, scratch_url=at.scratch_url))


def _backups(config: Config) -> Backups:
    """Return an environment's backups, taken by the project's own script."""
    folder = config.state / "backups"
    return _reached(
        config.target,
        "backups",
        lambda at: ScriptBackups(
            config.commands.backup, root=config.root, folder=folder / at.name, url=at.database_url
        ),
    )


def _restores(config: Config) -> Restores:
    """Return the databases of an environment's server."""
    backups = _backups(config)
    return _reached(
        config.target,
        "restores",
        lambda at: SqlRestores(
            at.database_url,
            backups=backups,
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


def physical(config: Config) -> PhysicalBackups:
    """Return an environment's physical backups; nothing is contacted yet."""
    folder = config.state / "backups" / config.target.name / "physical"
    policy = config.target.backups
    return _reached(
        config.target, "physical", lambda at: PhysicalBackups(at.database_url, folder=folder, policy=policy)
    )


def _migrations(config: Config) -> Migrations:
    """Return the target's migrations."""
    return _reached(
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
    return _reached(
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
    return _reached(config.target, "service", made) if ssh and "api" in ssh.carries else made(config.target)


def _reached(target: Target, port: str, make: Callable[[Target], Port]) -> Port:
    """Return a port as it is reached: directly, or through the environment's tunnel."""
    return through(target, make, _CALLS[port])


def _evidence_log(config: Config) -> Path:
    """Return the evidence log; a local stack's releases are not evidence and stay out of the repository's."""
    if config.log is None or config.target.stack:
        return config.state / "log.md"
    return config.log


def _log_to(path: Path, target: Target) -> None:
    """Send what only engineers read, tracebacks included, to a private file that holds none of our secrets."""
    logger = logging.getLogger("gonogo")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    for former in logger.handlers[:]:
        logger.removeHandler(former)
        former.close()
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    handler.setFormatter(_Redacting(target.secrets))
    logger.addHandler(handler)
    logger.propagate = False


class _Redacting(logging.Formatter):
    """Writes records with stars where a secret would stand."""

    def __init__(self, secrets: tuple[Secret, ...]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._redaction = redaction.Redaction(word for secret in secrets for word in secret.words)

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text."""
        return redaction.PROCESS.hidden(self._redaction.hidden(super().format(record)))
