"""Transactions: the only place that commits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from backend.core.errors import DatabaseUnavailableError

Connection = AsyncConnection
# Source: PostgreSQL 18, appendix A: connection, authorization, catalog name, resources, operator intervention.
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
            async with self._engine.connect() as connection:
                yield connection
                await connection.commit()
        except (OSError, DBAPIError, PoolTimeoutError) as error:
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
        except (OSError, DBAPIError, PoolTimeoutError) as error:
            _raise_if_unavailable(error)
            raise

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()


def _raise_if_unavailable(error: Exception) -> None:
    if not isinstance(error, DBAPIError) or error.connection_invalidated or _is_unavailable(error):
        msg = "The database did not answer. Try again in a few seconds."
        raise DatabaseUnavailableError(msg) from error


def _is_unavailable(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None) or ""
    return state[:2] in _UNAVAILABLE
