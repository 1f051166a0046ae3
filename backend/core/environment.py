"""The settings: read once from the environment, and refused all at once."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, NoReturn, TypeVar
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

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
    try:
        CronSim(text, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError as error:
        msg = f"must be five fields as in crontab(5): {error}"
        raise ValueError(msg) from None
    return text


_SECRET_LENGTH = 32
_Filled = AfterValidator(_refuse_placeholder)
PostgresUrl = Annotated[SecretStr, _Filled, AfterValidator(_is_postgres)]
RedisUrl = Annotated[SecretStr, _Filled, AfterValidator(_is_redis)]
Secret = Annotated[SecretStr, _Filled, AfterValidator(_is_long_enough)]
Seconds = Annotated[float, Field(gt=0, le=3600)]
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
        migration_wait_seconds: How long to wait for another migration to end.
    """

    migration_lock_timeout_ms: Milliseconds = 2_000
    migration_statement_timeout_ms: Milliseconds = 60_000
    migration_wait_seconds: Seconds = 60.0


class Environment(DatabaseEnvironment):
    """What the API and the worker need.

    Attributes:
        environment: Where this process runs.
        redis_url: redis://:secret@host:port/number.
        secret_key: Signs what leaves the service and must come back unchanged.
        source_commit: The commit that the platform says it built.
        log_level: The least level that is written.
        log_format: One JSON object per line, or text for people.
        queue_name: The Redis list that carries job ids; one per environment.
        database_pool_size: Connections that one process may hold.
        worker_concurrency: Jobs that one worker runs at once.
        worker_heartbeat_seconds: Time between two heartbeats.
        worker_poll_seconds: Time between two looks for jobs whose message was lost.
        worker_grace_seconds: How long a stopping worker waits for jobs under way.
        worker_ready_file: Touched with each heartbeat and removed at the stop, for a container's probe.
        worker_metrics_port: Where the worker shows its counts; none is nowhere.
        worker_metrics_host: The address that it listens on for that.
        job_lease_seconds: How long a silent worker keeps a job.
        job_retention_days: How long jobs that are done or cancelled are kept.
        job_dead_retention_days: How long jobs that were given up are kept.
        job_retention_cron: When old jobs are deleted, as in crontab(5), in UTC.
    """

    environment: Literal["development", "staging", "production"]
    redis_url: RedisUrl
    secret_key: Secret
    source_commit: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "json"
    queue_name: str = Field(default="assistant.jobs", min_length=1)
    database_pool_size: int = Field(default=10, ge=1, le=100)
    worker_concurrency: int = Field(default=10, ge=1, le=500)
    worker_heartbeat_seconds: Seconds = 2.0
    worker_poll_seconds: Seconds = 1.0
    worker_grace_seconds: Seconds = 20.0
    worker_ready_file: Path | None = None
    worker_metrics_port: int | None = Field(default=None, ge=1, le=65_535)
    worker_metrics_host: str = "127.0.0.1"
    job_lease_seconds: Seconds = 30.0
    job_retention_days: int = Field(default=14, ge=1, le=3650)
    job_dead_retention_days: int = Field(default=90, ge=1, le=3650)
    job_retention_cron: Annotated[str, AfterValidator(_is_cron)] = "17 * * * *"


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
        _give_up(error)


def _give_up(error: ConfigurationError) -> NoReturn:
    sys.stderr.write(f"{error}\n")
    raise SystemExit(2) from None


def _problem(error: ErrorDetails) -> str:
    name = str(error["loc"][0]).upper()
    if error["type"] == "missing":
        return f"{name} is not set"
    return f"{name} {error['msg'].removeprefix('Value error, ').removeprefix('Input ')}"
