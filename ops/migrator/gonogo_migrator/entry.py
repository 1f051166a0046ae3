"""The one call of env.py: migrate online or write SQL, with any of the drivers, from the command line or a program."""

import asyncio
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import Any, NoReturn

from alembic import context
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import greenlet_spawn

from gonogo_migrator import online
from gonogo_migrator.errors import MigratorError, StoppedError
from gonogo_migrator.record import without_ours
from gonogo_migrator.revisions import Run
from gonogo_migrator.sessions import ask, quoted, raw_of, said, sqlstate
from gonogo_migrator.settings import Settings
from gonogo_migrator.stopping import Stop
from gonogo_migrator.turn import Turn
from gonogo_migrator.watch import Watch

_CHECK = "client_connection_check_interval"
Target = str | URL | Engine | AsyncEngine | Connection


def run(target: Target, *, settings: Settings | None = None, **options: Any) -> None:
    """Do what Alembic was asked for: upgrade, downgrade, stamp, check, current, or write the SQL of it.

    On the command line a failure is one line and a status: 75 where nothing was left half done and the same may succeed
    later, 130 after a signal, 1 for the rest. Called from a program, errors are raised and signals are the program's.

    Args:
        target: the database, as a URL, an engine of either kind, or a connection.
        settings: the limits; by default what the environment's MIGRATION_* say.
        options: for Alembic's `context.configure`, as target_metadata.

    Raises:
        MigratorError: the run ended otherwise than well.
        CommandError: Alembic cannot do what it was asked.
        DBAPIError: a revision failed; its transaction was rolled back.
    """
    options = {**options, "include_name": without_ours(options.get("include_name")), "transaction_per_migration": True}
    with _in_words(on_command_line=context.config.cmd_opts is not None):
        chosen = settings or Settings.read()
        if context.is_offline_mode():
            _write(chosen, options)
            return
        engine = _engine(target)
        if engine.dialect.name != "postgresql":
            raise MigratorError(f"this runs migrations on PostgreSQL, and the address is one of {engine.dialect.name}")
        given = target if isinstance(target, Connection) else None
        _inside(engine, lambda: _migrate(engine, given, chosen, options))


def _engine(target: Target) -> Engine:
    """Return an engine; one that is ours keeps no connections."""
    if isinstance(target, Connection):
        return target.engine
    if isinstance(target, AsyncEngine):
        return target.sync_engine
    if isinstance(target, Engine):
        return target
    url = make_url(target)
    if url.get_dialect().is_async:
        return create_async_engine(url, poolclass=NullPool).sync_engine
    return create_engine(url, poolclass=NullPool)


def _inside(engine: Engine, work: Callable[[], None]) -> None:
    """Work; with an asynchronous driver inside a loop, and beside one that runs already."""
    if not engine.dialect.is_async:
        return work()

    def looped() -> None:
        asyncio.run(greenlet_spawn(work))

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return looped()
    return _beside(looped)


def _beside(work: Callable[[], None]) -> None:
    """Work in a thread, and raise here what it raises."""
    raised: list[BaseException] = []

    def caught() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # raised again below
            raised.append(error)

    thread = threading.Thread(target=caught, name="gonogo-migrator")
    thread.start()
    thread.join()
    if raised:
        raise raised[0]


def _migrate(engine: Engine, given: Connection | None, settings: Settings, options: dict[str, Any]) -> None:
    """Migrate, or only look where Alembic was asked no more than that."""
    if given is not None and given.in_transaction():
        return _plainly(given, options)  # all or nothing is the caller's, and so are retries and limits
    if not _moves():
        with nullcontext(given) if given else engine.connect() as connection:
            return _plainly(connection, options)
    stop = Stop()
    try:
        with stop.listening() if context.config.cmd_opts is not None else nullcontext():
            _alone(engine, given, settings, options, stop)
    finally:
        stop.close()


def _alone(engine: Engine, given: Connection | None, settings: Settings, options: dict[str, Any], stop: Stop) -> None:
    """Take the turn, and migrate."""
    table = ".".join(each for each in (options.get("version_table_schema"), options.get("version_table")) if each)
    with nullcontext(given) if given else engine.connect() as connection:
        turn = Turn(engine, settings, version_table=table or "alembic_version")
        try:
            turn.refuse_pooler(raw_of(connection))
            turn.see_as(raw_of(connection))
            _prepare(connection, settings)
            turn.take(stop)
            with Watch(engine, stop, lock_timeout_ms=settings.lock_timeout_ms) as watch:
                run = Run(connection, settings, turn=turn, watch=watch, stop=stop)
                context.configure(connection=connection, **options)
                run.go(context.get_context(), _run_migrations)
        finally:
            turn.close()


def _prepare(connection: Connection, settings: Settings) -> None:
    """Set the limits of the migration's session, and its name where it has none."""
    raw = raw_of(connection)
    name = quoted(f"gonogo-migrator {settings.by}"[:63])
    ask(
        raw,
        "SELECT set_config('application_name',"
        f" coalesce(nullif(current_setting('application_name'), ''), {name}), false)",
    )
    online.limit(raw, settings, online=False)
    raw.commit()
    # A migration that was killed must not go on working on the server; not every system can tell.
    with suppress(Exception):
        ask(
            raw, "SELECT set_config(name, '1s', false) FROM pg_settings WHERE name = 'client_connection_check_interval'"
        )
        raw.commit()
    raw.rollback()


def _plainly(connection: Connection, options: dict[str, Any]) -> None:
    context.configure(connection=connection, **options)
    _run_migrations()


def _run_migrations() -> None:
    with context.begin_transaction():
        context.run_migrations()


def _moves() -> bool:
    """Return whether Alembic was asked to move the schema: only then there is a destination."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    except CommandError:  # it is not known; Alembic says so
        return True
    return True


def _write(settings: Settings, options: dict[str, Any]) -> None:
    """Write the SQL, with the limits that a run would have."""
    limits = (settings.lock_timeout_ms, settings.statement_timeout_ms)
    defaults = {"dialect_name": "postgresql", "literal_binds": True, "dialect_opts": {"paramstyle": "named"}}
    context.configure(**{**defaults, **options})
    migrations = context.get_context()
    plain_block = migrations.autocommit_block

    @contextmanager
    def block() -> Iterator[None]:
        with plain_block():
            _limit(0, 0)
            yield
            _limit(*limits)

    migrations.autocommit_block = block  # type: ignore[method-assign]
    _limit(*limits)
    context.execute(f"SET idle_in_transaction_session_timeout = '{settings.idle_timeout_ms}ms'")
    _run_migrations()


def _limit(lock_ms: int, statement_ms: int) -> None:
    context.execute(f"SET lock_timeout = '{lock_ms}ms'")
    context.execute(f"SET statement_timeout = '{statement_ms}ms'")


@contextmanager
def _heard() -> Iterator[None]:
    """Show warnings where the project has not set up its logging: Alembic sends them nowhere."""
    logger = logging.getLogger("alembic.runtime.migration")
    found, handlers = logger, list(logger.handlers)
    while found.propagate and found.parent:
        found = found.parent
        handlers += found.handlers
    handler = logging.StreamHandler(sys.stderr)
    if any(not isinstance(each, logging.NullHandler) for each in handlers):
        yield
        return
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


@contextmanager
def _in_words(*, on_command_line: bool) -> Iterator[None]:
    """On the command line, end with one line that a person can act on instead of a trace."""
    try:
        with _heard() if on_command_line else nullcontext():
            yield
    except MigratorError as error:
        if not on_command_line:
            raise
        _end(str(error), error.status)
    except Exception as error:
        if not on_command_line or not _is_of_the_database(error):
            raise
        cause = getattr(error, "orig", None) or error
        notes = "".join(f"; {note}" for note in getattr(error, "__notes__", ()))
        _end(f"{sqlstate(error) or type(cause).__name__}: {said(error)}{notes}", MigratorError.status)
    except KeyboardInterrupt:
        if not on_command_line:
            raise
        _end("stopped at once; what was open is rolled back by the server", StoppedError.status)


def _is_of_the_database(error: Exception) -> bool:
    """Return whether an error is the database's or its driver's, and no mistake in a revision's code."""
    lost = (DBAPIError, ConnectionError, TimeoutError)  # asyncpg lets the system's own errors through
    return isinstance(error, lost) or type(error).__module__.startswith(("psycopg", "asyncpg"))


def _end(line: str, status: int) -> NoReturn:
    sys.stderr.write(f"{line}\n")
    sys.exit(status)
