"""How a migration runs: with timeouts, alone, one transaction per revision."""

import logging
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from logging.config import fileConfig

from alembic import context
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError

from backend.core.environment import MigrationEnvironment, load_or_exit
from backend.db.engine import psycopg_url
from backend.db.models import metadata

_LOCK = (7_283_401, 1)
_LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, appendix A: lock_timeout ran out
_TEMPORARY_FAILURE = 75  # sysexits.h: EX_TEMPFAIL
_logger = logging.getLogger("alembic.runtime.migration")


def _run_online(environment: MigrationEnvironment) -> None:
    url = psycopg_url(environment.database_url.get_secret_value())
    with _alone(url, wait_s=environment.migration_wait_seconds):
        engine = create_engine(url, poolclass=NullPool, connect_args={"options": _timeouts(environment)})
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=metadata,
                transaction_per_migration=True,
            )
            with context.begin_transaction(), _in_words():
                context.run_migrations()


def _run_offline(environment: MigrationEnvironment) -> None:
    context.configure(dialect_name="postgresql", target_metadata=metadata, transaction_per_migration=True)
    context.execute(f"SET lock_timeout = '{environment.migration_lock_timeout_ms}ms'")
    context.execute(f"SET statement_timeout = '{environment.migration_statement_timeout_ms}ms'")
    with context.begin_transaction():
        context.run_migrations()


@contextmanager
def _in_words() -> Iterator[None]:
    # On the command line, one line that a person can act on instead of a traceback. A lock that was not to be had in
    # time has a status of its own: then nothing of the revision was applied, and trying again is safe.
    try:
        yield
    except DBAPIError as error:
        if context.config.cmd_opts is None:
            raise
        state = getattr(error.orig, "sqlstate", None)
        said = str(error.orig).strip().splitlines()[0]
        sys.stderr.write(f"{state or type(error.orig).__name__}: {said}\n")
        sys.exit(_TEMPORARY_FAILURE if state == _LOCK_NOT_AVAILABLE else 1)


def _timeouts(environment: MigrationEnvironment) -> str:
    return (
        f"-c lock_timeout={environment.migration_lock_timeout_ms} "
        f"-c statement_timeout={environment.migration_statement_timeout_ms}"
    )


@contextmanager
def _alone(url: URL, *, wait_s: float) -> Iterator[None]:
    # Polled on a connection of its own: a session that waits inside pg_advisory_lock holds a snapshot,
    # and CREATE INDEX CONCURRENTLY would wait for it for ever.
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        _wait_for_lock(connection, wait_s=wait_s)
        yield


def _wait_for_lock(connection: Connection, *, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:class, :object)"), _lock_key()):
        if time.monotonic() > deadline:
            msg = f"another migration has been running for {wait_s:.0f} s; wait for it to end, then run this again"
            raise CommandError(msg)
        _logger.info("Another migration is running; waiting for it to end.")
        time.sleep(0.25 + secrets.randbelow(500) / 1000)


def _lock_key() -> dict[str, int]:
    return {"class": _LOCK[0], "object": _LOCK[1]}


def _run() -> None:
    if context.config.cmd_opts is not None and context.config.config_file_name is not None:
        fileConfig(context.config.config_file_name, disable_existing_loggers=False)
    environment = context.config.attributes.get("environment") or load_or_exit(MigrationEnvironment)
    if context.is_offline_mode():
        _run_offline(environment)
    else:
        _run_online(environment)


_run()
