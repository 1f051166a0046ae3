"""The records of what was asked for: gonogo.toml with an environment's values filled in."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from gonogo.model.secret_policy import SecretPolicy

# What stands before the first @ of a URL, or before the last; and libpq's own way to say it.
_PASSWORDS = (
    re.compile(r"://[^/?#:@]*:([^@]+)@"),
    re.compile(r"://[^/?#:@]*:(.+)@"),
    re.compile(r"[?&]password=([^&#]+)"),
)


@dataclass(frozen=True, slots=True)
class Secret:
    """A value that never prints itself.

    Attributes:
        name: the variable it came from, safe to show.
    """

    name: str
    _value: str = field(repr=False)

    def reveal(self) -> str:
        """Return the value, for the one call that needs it."""
        return self._value

    @property
    def words(self) -> tuple[str, ...]:
        """Return what must never be shown: the value, a URL's password, a Coolify token without its number."""
        passwords = tuple(dict.fromkeys(_passwords(self._value)))
        token = self._value.partition("|")[2]
        return tuple(word for word in (self._value, *passwords, *map(unquote, passwords), token) if word)

    def __str__(self) -> str:
        """Return stars: a secret in a message stays a secret."""
        return "***"


def _passwords(value: str) -> Iterator[str]:
    """Yield what may be a URL's password, also where signs in it should have been quoted and the URL is none."""
    if "://" in value:
        with suppress(ValueError):
            yield urlsplit(value).password or ""
        for pattern in _PASSWORDS:
            yield from pattern.findall(value)


@dataclass(frozen=True, kw_only=True, slots=True)
class Artifact:
    """How a commit becomes something that runs.

    Attributes:
        environment: the command that installs a checkout's locked environment.
        key_files: the files that decide what it installs; equal files share one environment.
        image_tag: the tag of a commit's ready-made image, with `{commit}` or `{version}`; empty where none are used.
    """

    environment: tuple[str, ...]
    key_files: tuple[str, ...]
    image_tag: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ServicePaths:
    """Where the service answers, relative to its URL; `{id}` stands for a job's id.

    Attributes:
        secrets: where it says which secrets it uses, without them; empty where it does not.
    """

    live: str
    ready: str
    workers: str
    canary: str
    job: str
    secrets: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Commands:
    """The project's own commands; `{python}` stands for the checkout's interpreter.

    Attributes:
        migrate: Alembic with its configuration, without a verb.
        migrations: Alembic's ini file, relative to the checkout.
        smoke: the smoke suite, without report options.
        backup: the backup script.
        tokens: the command for the service's API tokens, without a verb; empty when there is none.
        contracts: writes the public contracts, and only looks with `--check`; none where there are none.
        reads: the part of the smoke suite that only reads, for a drill; none where it has none.
        settings: prints which variables the release's services need, as JSON; none where it cannot say.
    """

    migrate: tuple[str, ...]
    migrations: str
    smoke: tuple[str, ...]
    backup: tuple[str, ...]
    tokens: tuple[str, ...] = ()
    contracts: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long to wait, and what is still good.

    Attributes:
        poll_s: seconds between two looks at a deployment.
        deploy_timeout_s: longest a deployment may take.
        settle_s: how long the new version must be the only one seen.
        prove_timeout_s: longest to wait until the new version is the only one seen.
        probe_timeout_s: longest one probe may take.
        worker_beat_s: a heartbeat older than this is a dead worker.
        canary_timeout_s: longest the canary job may take.
        smoke_timeout_s: longest the smoke suite may take.
        bake_s: how long the release is watched before sign-off.
        bake_rate: probes a second while it is watched.
        bake_error_share: share of failed probes that is still good, 0 to 1.
        bake_p95_ms: 95th percentile of the probe's time that is still good, milliseconds.
        bake_min_requests: fewer probes than this acquit nothing.
        bake_extend_s: how much longer it is watched, and more closely, while what was seen is not enough.
        start_s: longest that a process of the service takes until it is ready.
        worker_drain_s: longest that a stopping worker takes to end or hand back its jobs.
        lock_timeout_ms: longest a migration may wait for a lock.
        statement_timeout_ms: longest one statement of a migration may run.
        migrate_attempts: tries of a migration that met a lock timeout.
        disk_free_bytes: what must be free before a backup, beside the dump.
        jobs_oldest_s: longest that a job may be ready and not run.
        jobs_failure_share: share of the jobs that ended lately which may have been given up, 0 to 1.
        trial_reads_s: longest that a migration may stop readers of a table.
        trial_writes_s: longest that it may stop writers.
        trial_revision_s: longest that one revision may take.
        trial_rewrite_bytes: what one revision may write anew, tables and indexes together.
        trial_growth_bytes: by how much one revision may make the database grow.
        trial_backup_age_s: oldest that a backup may be whose trial is believed.
        require_trial: whether migrations are refused that cannot be tried.
    """

    poll_s: float = 3.0
    deploy_timeout_s: float = 900.0
    settle_s: float = 5.0
    prove_timeout_s: float = 60.0
    probe_timeout_s: float = 5.0
    worker_beat_s: float = 15.0
    canary_timeout_s: float = 30.0
    smoke_timeout_s: float = 300.0
    bake_s: float = 300.0
    bake_rate: float = 2.0
    bake_error_share: float = 0.01
    bake_p95_ms: float = 1000.0
    bake_min_requests: int = 100
    bake_extend_s: float = 120.0
    start_s: float = 20.0
    worker_drain_s: float = 28.0
    lock_timeout_ms: int = 2000
    statement_timeout_ms: int = 60000
    migrate_attempts: int = 5
    disk_free_bytes: int = 1_000_000_000
    jobs_oldest_s: float = 600.0
    jobs_failure_share: float = 0.05
    trial_reads_s: float = 1.0
    trial_writes_s: float = 2.0
    trial_revision_s: float = 600.0
    trial_rewrite_bytes: int = 1_000_000_000
    trial_growth_bytes: int = 2_000_000_000
    trial_backup_age_s: float = 172_800.0
    require_trial: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Webhook:
    """How the service takes what a Telegram bot is told.

    Attributes:
        path: where it takes it, relative to its URL.
        allowed_updates: the kinds of updates that it wants.
    """

    path: str
    allowed_updates: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TelegramTarget:
    """The Telegram bot of an environment.

    Attributes:
        token: empty when it is missing.
        webhook_secrets: what each delivery must show, the current one first; several while it is replaced.
        url: where the Bot API is.
        bot: the name that the bot must have; empty is any.
        missing: what has to be set before anything can be done, a sentence each.
    """

    token: Secret
    webhook_secrets: tuple[Secret, ...]
    url: str
    bot: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderTarget:
    """Where the providers of an environment are, for whoever rotates their keys.

    Attributes:
        xai_url: where xAI's API is.
        xai_management_url: where xAI's keys are made and deleted.
        xai_management_key: what may do so, and is never told the service; empty where a person does it.
        todoist_url: where Todoist's API is.
    """

    xai_url: str
    xai_management_url: str
    xai_management_key: Secret
    todoist_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Freeze:
    """A time at which nothing is released, by the clock on the wall of its zone: every week, or once.

    Attributes:
        zone: its IANA name.
        days: the weekdays on which it begins, Monday is 0; none for one that comes once.
        start: when it begins on such a day.
        end: when it ends; before `start` it is the next day.
        starts: the beginning of one that comes once.
        ends: its end, not part of it any more.
    """

    reason: str
    zone: str
    days: frozenset[int] = frozenset()
    start: time = time.min
    end: time = time.min
    starts: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Ssh:
    """A host that leads to an environment's servers, over the system's OpenSSH client.

    Attributes:
        destination: `user@host`, or an alias of the person's own SSH configuration.
        port: None for what that configuration says.
        config: an SSH configuration to use instead of the person's own.
        carries: what is reached through it: database, redis, api.
    """

    destination: str
    port: int | None = None
    config: Path | None = None
    carries: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Offsite:
    """A second place for backups, which is not the machine that they are taken on.

    Attributes:
        url: `s3://BUCKET/PREFIX`, or `file:///FOLDER` for a disk that is mounted.
        endpoint: of an S3-compatible service; empty for AWS itself.
        access_key: None where the process's own role is used, or none is needed.
        recipients: age public keys that each copy is encrypted to, two at least.
        identity: the variable that names the file with an age secret key; only where copies are read, never on the
            server. Empty text where it is not set.
    """

    url: str
    endpoint: str = ""
    region: str = ""
    access_key: Secret | None = None
    secret_key: Secret | None = None
    recipients: tuple[str, ...] = ()
    identity: Secret | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupPolicy:
    """How backups of an environment are taken, kept and proven.

    Attributes:
        engine: `pg_dump`, or `pg_basebackup` for physical backups beside the dumps of releases.
        offsite: None where backups stay on this machine.
        keep_daily: newest backups of so many days that are kept.
        max_age_h: oldest that the newest good backup may be, hours.
        proven_days: oldest that the last drill may be when a release begins; zero where none is asked for.
        wal: where the server's WAL is archived, as seen from here; None for no recovery between two backups. This and
            the next two are for physical backups.
        keep_incrementals: so many incremental backups follow a full one; zero makes each a full one.
        full_days: and after so many days the next one is full.
    """

    engine: str = "pg_dump"
    offsite: Offsite | None = None
    keep_daily: int = 14
    keep_weekly: int = 8
    keep_monthly: int = 12
    max_age_h: int = 26
    proven_days: int = 0
    wal: Path | None = None
    keep_incrementals: int = 6
    full_days: int = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """One environment that a release can go to.

    Attributes:
        name: as in gonogo.toml: prod, staging, rehearse.
        stack: the local stack that it lives on; None for a real one.
        allow_dirty: whether uncommitted changes may be released (as a snapshot commit).
        allow_stop_first: whether its API may be away while it is deployed.
        accept_thin_bake: why a watch that shows too little is good enough here; empty where it is not.
        replicas: how many processes of the API answer, on all servers together.
        worker_replicas: how many workers run, on all servers together.
        telegram: its Telegram bot; None where nobody has asked.
        freeze: when nothing is released to it.
        ssh: what its servers are reached through; None for directly.
        providers: where the providers are; None where nobody has asked.
        env_file: where its values are kept, relative to the repository; empty for a local stack.
        shadow_url: the server that migrations are tried on; None for the one that dumps are tried out on.
        backups: how its backups are taken, kept and proven.
        secrets: every secret value by variable name, for redaction and for child processes.
    """

    name: str
    stack: str | None
    coolify_url: str
    coolify_token: Secret
    api_uuid: str
    worker_uuid: str
    api_url: str
    api_token: Secret
    database_url: Secret
    redis_url: Secret
    scratch_url: Secret
    allow_dirty: bool
    limits: Limits
    allow_stop_first: bool = False
    accept_thin_bake: str = ""
    replicas: int = 1
    worker_replicas: int = 1
    telegram: TelegramTarget | None = None
    freeze: tuple[Freeze, ...] = ()
    ssh: Ssh | None = None
    shadow_url: Secret | None = None
    backups: BackupPolicy = BackupPolicy()
    providers: ProviderTarget | None = None
    env_file: str = ""

    @property
    def trial_url(self) -> Secret:
        """Return the server that migrations are tried on."""
        return self.shadow_url or self.scratch_url

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return every secret of this environment."""
        own = (self.coolify_token, self.api_token, self.database_url, self.redis_url, self.scratch_url)
        chat = (self.telegram.token, *self.telegram.webhook_secrets) if self.telegram else ()
        shadow = (self.shadow_url,) if self.shadow_url else ()
        away = self.backups.offsite
        keys = (away.access_key, away.secret_key) if away else ()
        managing = (self.providers.xai_management_key,) if self.providers else ()
        return (*own, *shadow, *(each for each in (*chat, *keys, *managing) if each and each.reveal()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """gonogo.toml, read and checked, without an environment.

    Attributes:
        root: the repository's folder.
        state: where gonogo keeps its own files (`.gonogo`).
        ledger_url: SQLAlchemy URL of the ledger.
        log: the append-only evidence log; None when the project keeps none.
        stack_services: start commands per service of the local stack.
        stack_environment: what every service of the local stack is told beside its addresses and secrets.
        stack_broken: by fault of a rehearsal, what the services are told beside that.
        stack_issue_token: the command that prints a new API token on the local stack.
        telegram: how the service takes a bot's updates; None when it has no bot.
        exceptions: the file of what an earlier release may break on; None when there is none.
        lint_environment: what env.py wants where migrations are captured and tried, and means nothing there.
        secrecy: what is asked of secrets.
    """

    project: str
    root: Path
    state: Path
    ledger_url: str
    log: Path | None
    artifact: Artifact
    service: ServicePaths
    commands: Commands
    stack_services: Mapping[str, tuple[str, ...]]
    stack_environment: Mapping[str, str]
    stack_broken: Mapping[str, Mapping[str, str]]
    stack_issue_token: tuple[str, ...]
    telegram: Webhook | None = None
    exceptions: Path | None = None
    lint_environment: Mapping[str, str] = field(default_factory=dict)
    secrecy: SecretPolicy = field(default_factory=SecretPolicy)


@dataclass(frozen=True, kw_only=True, slots=True)
class Config(Project):
    """gonogo.toml, read and checked, for one environment.

    Attributes:
        elsewhere: the secrets of the other environments that their files here hold, by environment.
    """

    target: Target
    elsewhere: Mapping[str, tuple[Secret, ...]] = field(default_factory=dict)
