"""How a migration runs: by the runner, with the limits of the environment."""

from logging.config import fileConfig

from alembic import context

from backend.core.environment import MigrationEnvironment, load_or_exit
from backend.db.engine import psycopg_url
from backend.db.models import metadata
from gonogo_migrator import Settings, run

# The lock that every release so far has taken, so that an earlier one brought back never migrates beside this one.
_LOCK = (7_283_401, 1)

if context.config.cmd_opts is not None and context.config.config_file_name is not None:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)
environment: MigrationEnvironment = context.config.attributes.get("environment") or load_or_exit(MigrationEnvironment)
run(
    psycopg_url(environment.database_url.get_secret_value()),
    settings=Settings(
        lock_timeout_ms=environment.migration_lock_timeout_ms,
        statement_timeout_ms=environment.migration_statement_timeout_ms,
        idle_timeout_ms=environment.migration_idle_timeout_ms,
        wait_seconds=environment.migration_wait_seconds,
        attempts=environment.migration_attempts,
        retry_seconds=environment.migration_retry_seconds,
        lock_key=_LOCK,
    ),
    target_metadata=metadata,
)
