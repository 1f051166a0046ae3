"""Transactions: the only place that commits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy import event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.core.errors import DatabaseUnavailableError

Connection = AsyncConnection
# Source: PostgreSQL 18, appendix A: connection, authorization, catalog name, resources, operator intervention.
_UNAVAILABLE = frozenset({"08", "28", "3D", "53", "57"})
# After a failover, a session of the old primary can only read; a new one finds the new primary.
_READ_ONLY = "25006"
_FAILURES = (OSError, DBAPIError, PostgresError, InterfaceError, PoolTimeoutError)
_LEAN = "lean transaction"


class Database:
    """The way to the database for whoever must not know of engines."""

    def __init__(self, engine: AsyncEngine, *, kept: int = 0) -> None:
        """Keep the engine.

        Args:
            engine: Where connections come from; closed by `close`.
            kept: Connections that stay with the units of work from one to the next, for whoever runs a thousand a
                second; less than the engine's pool, which the rest is left to.
        """
        event.listen(engine.sync_engine, "handle_error", _translate)
        self._engine = engine
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._most_kept = kept
        self._kept: list[Connection] = []

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[Connection]:
        """Give a transaction that commits at the end, or rolls back on any error, which passes as it is.

        Raises:
            DatabaseUnavailableError: The database does not answer; never for what else the caller's own work meets.
        """
        connection = await self._taken()
        try:
            yield connection
            await _commit(connection)
        except BaseException:
            await _roll_back(connection)
            await _close(connection)
            raise
        await self._give_back(connection)

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        """Give a connection on which each statement is a transaction: one round trip.

        Raises:
            DatabaseUnavailableError: The database does not answer; never for what else the caller's own work meets.
        """
        connection = await _connected(self._autocommit)
        try:
            yield connection
        finally:
            await _close(connection)

    async def close(self) -> None:
        """Close every connection."""
        while self._kept:
            await self._kept.pop().close()
        await self._engine.dispose()

    async def _taken(self) -> Connection:
        while self._kept:
            connection = self._kept.pop()
            if not _pooled(connection).driver_connection.is_closed():
                return connection
            await _close(connection)
        connection = await _connected(self._engine)
        connection.info[_LEAN] = None
        return connection

    async def _give_back(self, connection: Connection) -> None:
        if len(self._kept) < self._most_kept:
            self._kept.append(connection)
        else:
            await _close(connection)


async def execute_lean(connection: Connection, sql: str, *values: Any) -> int:
    """Run one statement on the driver itself, in the transaction of the unit of work, and return the rows it wrote.

    For what runs a thousand times a second: a third of the time that the same statement takes through SQLAlchemy. It
    may be mixed with SQLAlchemy's statements; where it comes first, theirs stand in a savepoint.

    Args:
        connection: A transaction, or a connection on which each statement commits.
        sql: Parameters are $1, $2 …; always the same text, since the server keeps its plan.
        values: In the driver's types; JSON is text.
    """
    try:
        return await _execute(_pooled(connection), sql, *values)
    except _FAILURES as error:
        await _refuse_if_unavailable(connection, error)
        raise


async def _execute(pooled: Any, sql: str, *values: Any) -> int:
    driver, info = pooled.driver_connection, pooled.info
    if _LEAN in info and not driver.is_in_transaction():
        # Noted before it begins: a beginning that is cut short must not leave its connection to the next one either.
        transaction = info[_LEAN] = driver.transaction()
        await transaction.start()
    tag: str = await driver.execute(sql, *values)
    return int(tag.rpartition(" ")[2])


async def _connected(engine: AsyncEngine) -> Connection:
    try:
        return await engine.connect()
    except _FAILURES as error:
        if _is_unavailable(error):
            raise _unavailable() from error
        raise


async def _commit(connection: Connection) -> None:
    if connection.in_transaction():
        await connection.commit()
    info = _pooled(connection).info
    if (lean := info.get(_LEAN)) is not None:
        # Forgotten only afterwards: a commit that is cut short must not leave its connection to the next one.
        try:
            await lean.commit()
        except _FAILURES as error:
            await _refuse_if_unavailable(connection, error)
            raise
        info[_LEAN] = None


async def _roll_back(connection: Connection) -> None:
    # Theirs first: it may stand in ours as a savepoint. What breaks here is a connection that the pool throws away.
    lean = None if connection.closed or connection.invalidated else connection.info.get(_LEAN)
    try:
        if connection.in_transaction():
            await connection.rollback()
        if lean is not None:
            await lean.rollback()
    except (*_FAILURES, DatabaseUnavailableError, asyncio.CancelledError):
        await connection.invalidate()


async def _close(connection: Connection) -> None:
    if not (connection.closed or connection.invalidated):
        connection.info.pop(_LEAN, None)
    # Its own exit rather than its close: a cancelled job must not keep a connection from the pool.
    async with AsyncExitStack() as stack:
        stack.push_async_exit(connection.__aexit__)


def _pooled(connection: Connection) -> Any:
    # The driver is not typed where the pool hands it out.
    return connection.sync_connection.connection  # type: ignore[union-attr]


def _translate(context: ExceptionContext) -> None:
    # Here and not round the caller's work, whose own errors may be of the same classes.
    error = context.sqlalchemy_exception or context.original_exception
    if isinstance(error, _FAILURES) and _is_unavailable(error):
        # Every connection of the pool goes with one that can only read: they all lead to the old primary.
        context.is_disconnect = context.is_disconnect or isinstance(error, OSError) or _state(error) == _READ_ONLY
        raise _unavailable() from error


async def _refuse_if_unavailable(connection: Connection, error: Exception) -> None:
    is_closed = _pooled(connection).driver_connection.is_closed()
    if is_closed or _state(error) == _READ_ONLY:
        await connection.invalidate()
    if is_closed or _is_unavailable(error):
        raise _unavailable() from error


def _unavailable() -> DatabaseUnavailableError:
    return DatabaseUnavailableError("The database did not answer. Try again in a few seconds.")


def _is_unavailable(error: Exception) -> bool:
    if isinstance(error, (OSError, PoolTimeoutError)):
        return True
    is_cut = isinstance(error, DBAPIError) and error.connection_invalidated
    return is_cut or _state(error) == _READ_ONLY or _state(error)[:2] in _UNAVAILABLE


def _state(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return getattr(cause, "sqlstate", None) or ""
