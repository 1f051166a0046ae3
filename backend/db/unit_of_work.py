"""Transactions: the only place that commits."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asyncpg.exceptions import InterfaceError, PostgresError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.core.errors import DatabaseUnavailableError

Connection = AsyncConnection
# Source: PostgreSQL 18, appendix A: connection, authorization, catalog name, resources, operator intervention.
_FAILURES = (OSError, DBAPIError, PostgresError, InterfaceError)
_LEAN = "lean transaction"
_UNAVAILABLE = frozenset({"08", "28", "3D", "53", "57"})


class Database:
    """The way to the database for whoever must not know of engines."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Keep the engine.

        Args:
            engine: Where connections come from; closed by `close`.
        """
        self._engine = engine
        self._autocommit = engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[Connection]:
        """Give a transaction that commits at the end, or rolls back on any error.

        Raises:
            DatabaseUnavailableError: The database does not answer.
        """
        try:
            async with self._engine.connect() as connection, _ended(connection):
                yield connection
        except (*_FAILURES, PoolTimeoutError) as error:
            _raise_if_unavailable(error)
            raise

    @asynccontextmanager
    async def statement(self) -> AsyncIterator[Connection]:
        """Give a connection on which each statement is a transaction: one round trip.

        Raises:
            DatabaseUnavailableError: The database does not answer.
        """
        try:
            async with self._autocommit.connect() as connection:
                yield connection
        except (*_FAILURES, PoolTimeoutError) as error:
            _raise_if_unavailable(error)
            raise

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


async def execute_lean(connection: Connection, sql: str, *values: Any) -> int:
    """Run one statement on the driver itself, in the transaction of the unit of work, and return the rows it wrote.

    For what runs a thousand times a second: a third of the time that the same statement takes through SQLAlchemy. It
    may be mixed with SQLAlchemy's statements; where it comes first, theirs stand in a savepoint.

    Args:
        connection: A transaction, or a connection on which each statement commits.
        sql: Parameters are $1, $2 …; always the same text, since the server keeps its plan.
        values: In the driver's types; JSON is text.
    """
    driver = _driver(connection)
    if _LEAN in connection.info and not driver.is_in_transaction():
        transaction = driver.transaction()
        await transaction.start()
        connection.info[_LEAN] = transaction
    tag: str = await driver.execute(sql, *values)
    return int(tag.rpartition(" ")[2])


@asynccontextmanager
async def _ended(connection: Connection) -> AsyncIterator[None]:
    connection.info[_LEAN] = None
    try:
        yield
        if connection.in_transaction():
            await connection.commit()
        if (lean := connection.info.pop(_LEAN)) is not None:
            await lean.commit()
    except BaseException:
        await _roll_back(connection)
        raise


async def _roll_back(connection: Connection) -> None:
    # Theirs first: it may stand in ours as a savepoint. What breaks here is a connection that the pool throws away.
    lean = None if connection.closed or connection.invalidated else connection.info.pop(_LEAN, None)
    try:
        if connection.in_transaction():
            await connection.rollback()
        if lean is not None:
            await lean.rollback()
    except (*_FAILURES, asyncio.CancelledError):
        await connection.invalidate()


def _driver(connection: Connection) -> Any:
    # The driver is not typed where the pool hands it out.
    return connection.sync_connection.connection.driver_connection  # type: ignore[union-attr]


def _raise_if_unavailable(error: Exception) -> None:
    if _is_unavailable(error):
        msg = "The database did not answer. Try again in a few seconds."
        raise DatabaseUnavailableError(msg) from error


def _is_unavailable(error: Exception) -> bool:
    if not isinstance(error, (DBAPIError, PostgresError)):
        return True
    cause = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(cause, "sqlstate", None) or ""
    return state[:2] in _UNAVAILABLE or (isinstance(error, DBAPIError) and error.connection_invalidated)
