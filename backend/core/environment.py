"""The settings: read once from the environment, and refused all at once."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.core import cron
from backend.core.errors import ConfigurationError

_PLACEHOLDER = re.compile(
    r"<[^>]*>|\b(change|replace)[-_ ]?(me|this)\b|\bplaceholder\b|\byour[-_ ]|\buser:password@|^x{3,}$",
    re.IGNORECASE,
)


def _refuse_placeholder(value: SecretStr) -> SecretStr:
    if not value.get_secret_value().strip():
        msg = "is empty"
        raise ValueError(msg)
    if _PLACEHOLDER.search(value.get_secret_value()):
        msg = "still holds a placeholder"
        raise ValueError(msg)
    return value


def _demand_scheme(value: SecretStr, schemes: tuple[str, ...]) -> SecretStr:
    if urlsplit(value.get_secret_value()).scheme not in schemes:
        msg = f"must be a URL that begins with {schemes[0]}://"
        raise ValueError(msg)
    return value


def _is_postgres(value: SecretStr) -> SecretStr:
    _demand_scheme(value, ("postgresql", "postgres"))
    if len(urlsplit(value.get_secret_value()).path) < len("/d"):
        msg = "must name a database: postgresql://user:secret@host:5432/database"
        raise ValueError(msg)
    return value


def _is_redis(value: SecretStr) -> SecretStr:
    return _demand_scheme(value, ("redis", "rediss", "unix"))


def _is_long_enough(value: SecretStr) -> SecretStr:
    if len(value.get_secret_value()) < _SECRET_LENGTH:
        msg = f"must have at least {_SECRET_LENGTH} random characters (openssl rand -base64 48)"
        raise ValueError(msg)
    return value


def _is_cron(text: str) -> str:
    cron.next_after(text, "UTC", datetime(2000, 1, 1, tzinfo=UTC))
    return text


def is_email(text: str) -> str:
    """Return an e-mail address.

    Args:
        text: What should be one.

    Raises:
        ValueError: It is none.
    """
    if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", text):
        msg = "must be an e-mail address"
        raise ValueError(msg)
    return text


def _suits_telegram(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
        msg = "must be 1 to 256 characters of A-Z a-z 0-9 _ - (openssl rand -hex 32)"
        raise ValueError(msg)
    return value


def _is_bot_token(value: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9]{1,18}:[A-Za-z0-9_-]+", value.get_secret_value()):
        msg = "must be the bot's number, a colon and its secret, as BotFather shows it"
        raise ValueError(msg)
    return value


def _is_http(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        msg = "must be a URL that begins with https://"
        raise ValueError(msg)
    return text.rstrip("/")


def _listed(value: object) -> object:
    return tuple(each.strip() for each in value.split(",") if each.strip()) if isinstance(value, str) else value


_SECRET_LENGTH = 32
_Filled = AfterValidator(_refuse_placeholder)
PostgresUrl = Annotated[SecretStr, _Filled, AfterValidator(_is_postgres)]
RedisUrl = Annotated[SecretStr, _Filled, AfterValidator(_is_redis)]
Secret = Annotated[SecretStr, _Filled, AfterValidator(_is_long_enough)]
ApiKey = Annotated[SecretStr, _Filled]
BotToken = Annotated[SecretStr, _Filled, AfterValidator(_is_bot_token)]
WebhookSecret = Annotated[SecretStr, _Filled, AfterValidator(_suits_telegram)]
Email = Annotated[str, AfterValidator(is_email)]
HttpUrl = Annotated[str, AfterValidator(_is_http)]
Cron = Annotated[str, AfterValidator(_is_cron)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
# Shorter ones keep a worker and its database busy with nothing else.
Pace = Annotated[float, Field(ge=0.05, le=3600)]
Lease = Annotated[float, Field(ge=1, le=3600)]
Attempts = Annotated[int, Field(ge=1, le=1000)]
Milliseconds = Annotated[int, Field(ge=1, le=86_400_000)]


class DatabaseEnvironment(BaseSettings):
    """What a program needs that only talks to the database.

    Attributes:
        database_url: postgresql://user:secret@host:port/database; over a unix socket
            postgresql://user:@/database?host=/directory.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: PostgresUrl


class MigrationEnvironment(DatabaseEnvironment):
    """What a migration needs.

    Attributes:
        migration_lock_timeout_ms: How long a statement may wait for a lock.
        migration_statement_timeout_ms: How long a statement may run.
        migration_idle_timeout_ms: How long a revision may do nothing while its transaction is open.
        migration_wait_seconds: How long to wait for another migration to end.
        migration_attempts: How often a revision is tried that cannot get its locks.
        migration_retry_seconds: How long it is tried, all attempts and pauses together.
    """

    migration_lock_timeout_ms: Milliseconds = 2_000
    migration_statement_timeout_ms: Milliseconds = 60_000
    migration_idle_timeout_ms: Milliseconds = 60_000
    migration_wait_seconds: Seconds = 60.0
    migration_attempts: Attempts = 10
    migration_retry_seconds: Seconds = 120.0


class Environment(DatabaseEnvironment):
    """What the API and the worker need.

    Attributes:
        environment: Where this process runs.
        redis_url: redis://:secret@host:port/number.
        secret_key: Signs what leaves the service and must come back unchanged.
        config_fingerprint_key: Keys the hash by which two processes are seen to be set up alike; none tells nothing.
        source_commit: The commit that the platform says it built.
        log_level: The least level that is written.
        log_format: One JSON object per line, or text for people.
        queue_name: The Redis list that carries job ids; one per environment.
        database_pool_size: Connections that one process may hold.
        worker_concurrency: Jobs that one worker runs at once.
        worker_heartbeat_seconds: Time between two heartbeats, at least 0.05.
        worker_poll_seconds: Time between two looks for jobs whose message was lost, at least 0.05.
        worker_grace_seconds: How long a stopping worker waits for jobs under way.
        worker_ready_file: Touched with each heartbeat and removed at the stop, for a container's probe.
        worker_metrics_port: Where the worker shows its counts; none is nowhere.
        worker_metrics_host: The address that it listens on for that.
        job_lease_seconds: How long a silent worker keeps a job, at least 1.
        job_retention_days: How long jobs that are done or cancelled are kept.
        job_dead_retention_days: How long jobs that were given up are kept.
        job_retention_cron: When old jobs are deleted, as in crontab(5), in UTC.
        xai_api_key: The key of the language model's provider; without one the built-in rules answer.
        xai_base_url: Where the provider is.
        xai_model: Which model is asked.
        assistant_deadline_seconds: How long a provider may take for one operation, all attempts together.
        todoist_api_token: The token of one Todoist account; none is no sync.
        todoist_owner_email: Whose tasks that account holds; needed with the token.
        todoist_base_url: Where Todoist is.
        todoist_sync_cron: When its tasks are synced, as in crontab(5), in UTC.
        todoist_reconcile_cron: When both sides are compared completely, as in crontab(5), in UTC.
        telegram_bot_token: The token of the bot; none is no bot.
        telegram_webhook_secrets: What Telegram must show, the current one first; several while it is being replaced.
        telegram_base_url: Where Telegram's API is.
        rate_limit_per_minute: Requests that one token may send in a minute; 0 is any number.
        rate_limit_per_address_per_minute: Requests that may come from one address in a minute; 0 is any number.
    """

    environment: Literal["development", "staging", "production"]
    redis_url: RedisUrl
    secret_key: Secret
    config_fingerprint_key: Secret | None = None
    source_commit: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "json"
    queue_name: str = Field(default="assistant.jobs", min_length=1)
    database_pool_size: int = Field(default=10, ge=1, le=100)
    worker_concurrency: int = Field(default=10, ge=1, le=500)
    worker_heartbeat_seconds: Pace = 2.0
    worker_poll_seconds: Pace = 1.0
    worker_grace_seconds: Seconds = 20.0
    worker_ready_file: Path | None = None
    worker_metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    worker_metrics_host: str = "127.0.0.1"
    job_lease_seconds: Lease = 30.0
    job_retention_days: int = Field(default=14, ge=1, le=3650)
    job_dead_retention_days: int = Field(default=90, ge=1, le=3650)
    job_retention_cron: Cron = "17 * * * *"
    xai_api_key: ApiKey | None = None
    xai_base_url: HttpUrl = "https://api.x.ai/v1"
    xai_model: str = Field(default="grok-4.7", min_length=1)
    assistant_deadline_seconds: Seconds = 8.0
    todoist_api_token: ApiKey | None = None
    todoist_owner_email: Email | None = None
    todoist_base_url: HttpUrl = "https://api.todoist.com/api/v1"
    todoist_sync_cron: Cron = "*/15 * * * *"
    todoist_reconcile_cron: Cron = "40 3 * * *"
    telegram_bot_token: BotToken | None = None
    telegram_webhook_secrets: Annotated[tuple[WebhookSecret, ...], NoDecode, BeforeValidator(_listed)] = ()
    telegram_base_url: HttpUrl = "https://api.telegram.org"
    rate_limit_per_minute: int = Field(default=300, ge=0)
    rate_limit_per_address_per_minute: int = Field(default=1_200, ge=0)

    @model_validator(mode="after")
    def _has_what_goes_together(self) -> "Environment":
        pairs = {
            "TODOIST_OWNER_EMAIL is not set, but TODOIST_API_TOKEN is": self.todoist_api_token
            and not self.todoist_owner_email,
            "TELEGRAM_WEBHOOK_SECRETS is not set, but TELEGRAM_BOT_TOKEN is": self.telegram_bot_token
            and not self.telegram_webhook_secrets,
        }
        if missing := [problem for problem, is_so in pairs.items() if is_so]:
            raise ValueError("; ".join(missing))
        return self


SettingsT = TypeVar("SettingsT", bound=DatabaseEnvironment)


def load(kind: type[SettingsT]) -> SettingsT:
    """Return the settings of one program.

    Args:
        kind: The class that lists what the program needs.

    Raises:
        ConfigurationError: Something is missing or unusable; it names everything at once.
    """
    try:
        return kind()  # type: ignore[call-arg]  # the values come from the environment
    except ValidationError as error:
        raise ConfigurationError(tuple(_problem(each) for each in error.errors())) from None


def load_or_exit(kind: type[SettingsT]) -> SettingsT:
    """Return the settings, or end the process with status 2 and the reasons.

    Args:
        kind: The class that lists what the program needs.
    """
    try:
        return load(kind)
    except ConfigurationError as error:
        give_up(error)


def give_up(error: ConfigurationError) -> NoReturn:
    """End the process with status 2 and the reasons.

    Args:
        error: What is missing or unusable.
    """
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None


def _problem(error: ErrorDetails) -> str:
    if not error["loc"]:
        return error["msg"].removeprefix("Value error, ")
    name = str(error["loc"][0]).upper()
    if error["type"] == "missing":
        return f"{name} is not set"
    return f"{name} {error['msg'].removeprefix('Value error, ').removeprefix('Input ')}"
