"""Units of work that keep their connections from one to the next."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import pytest
from asyncpg.exceptions import DataError, InterfaceError

from backend.core.errors import DatabaseUnavailableError
from backend.db.engine import create_engine
from backend.db.unit_of_work import Connection, Database, execute_lean
from backend.tests.integration.world import Rows, eventually

NOTE = "INSERT INTO notes (n) VALUES ($1)"
PLAIN = "INSERT INTO notes (n) VALUES"
COUNT = "SELECT count(*) FROM notes"
OPEN = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'keeper' AND state ^@ 'idle in transaction'"""
STEPS = 80


@pytest.fixture
async def keeper(database_url: str, rows: Rows) -> AsyncIterator[Database]:
    """Return a database with two connections, of which units of work keep one."""
    rows.change("CREATE TABLE notes (n bigint NOT NULL)")
    database = Database(create_engine(database_url, pool_size=2, application_name="keeper"), kept=1)
    yield database
    await database.close()


async def note(database: Database, number: int) -> int:
    """Write a row, and return which connection did it."""
    async with database.unit_of_work() as connection:
        await execute_lean(connection, NOTE, number)
        return int((await connection.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one())


async def note_and_fail(database: Database, sql: str) -> None:
    """Write a row, and then fail."""
    async with database.unit_of_work() as connection:
        await execute_lean(connection, NOTE, 0)
        await connection.exec_driver_sql(sql)
        raise ZeroDivisionError


class TestKeptConnections:
    """One connection serves many units of work, and carries nothing from one into the next."""

    async def test_are_used_again(self, keeper: Database, rows: Rows) -> None:
        """Each unit of work commits its own rows on the connection of the one before."""
        pids = [await note(keeper, number) for number in range(3)]

        assert len(set(pids)) == 1
        assert rows.one(COUNT) == (3,)

    async def test_leave_the_rest_to_others(self, keeper: Database, rows: Rows) -> None:
        """More units of work at once than are kept give the other connections back."""
        await asyncio.gather(note(keeper, 1), note(keeper, 2))

        async with keeper.statement() as connection:
            await execute_lean(connection, NOTE, 3)
            assert rows.one(COUNT) == (3,)

    async def test_forget_a_failure(self, keeper: Database, rows: Rows) -> None:
        """What failed is rolled back, also when its savepoint is open, and the next one commits."""
        await note(keeper, 1)
        with pytest.raises(ZeroDivisionError):
            await note_and_fail(keeper, "SELECT 1")
        await note(keeper, 2)

        assert rows.one("SELECT array_agg(n ORDER BY n) FROM notes") == ([1, 2],)

    async def test_are_replaced_when_the_server_hung_up(self, keeper: Database, rows: Rows) -> None:
        """A kept connection that broke while idle is not used."""
        pid = await note(keeper, 1)
        await asyncio.to_thread(rows.change, "SELECT pg_terminate_backend(%s, 5000)", pid)

        assert await note(keeper, 2) != pid
        assert rows.one(COUNT) == (2,)

    async def test_are_replaced_when_the_server_hangs_up_within(self, keeper: Database, rows: Rows) -> None:
        """A unit of work whose connection breaks says so, and the next one has another."""
        await note(keeper, 1)
        with pytest.raises(DatabaseUnavailableError):
            await note_and_fail(keeper, "SELECT pg_terminate_backend(pg_backend_pid())")

        await note(keeper, 2)
        assert rows.one(COUNT) == (2,)

    async def test_survive_being_cancelled_anywhere(self, keeper: Database, rows: Rows) -> None:
        """Wherever a unit of work is cut short, the next one's rows are committed and no transaction stays open."""
        for steps in range(STEPS):
            cut = asyncio.create_task(note(keeper, -1))
            for _ in range(steps):
                await asyncio.sleep(0)
            cut.cancel()
            await asyncio.wait([cut])
            await note(keeper, steps)

        assert rows.one(f"{COUNT} WHERE n >= 0") == (STEPS,)
        await eventually(lambda: _is_closed(rows))


async def _is_closed(rows: Rows) -> bool:
    # The server hears a little later of a connection that was cut.
    return rows.one(OPEN) == (0,)


LONG = "SELECT pg_sleep(20)"
SEVER = "SELECT pg_terminate_backend(pg_backend_pid())"


async def _raise_within(database: Database, error: Exception, *, in_statement: bool) -> None:
    async with database.statement() if in_statement else database.unit_of_work() as connection:
        await execute_lean(connection, NOTE, 1)
        raise error


class TestWhoseErrorItIs:
    """The database is blamed for what it did, and for nothing else."""

    @pytest.mark.parametrize("in_statement", [True, False], ids=["statement", "unit of work"])
    @pytest.mark.parametrize(
        "error",
        [ConnectionRefusedError("mail"), FileNotFoundError("x"), TimeoutError("slow"), InterfaceError("theirs")],
        ids=lambda error: type(error).__name__,
    )
    async def test_callers_own_error_passes(self, keeper: Database, *, error: Exception, in_statement: bool) -> None:
        """What the caller's own work meets outside comes out as it is."""
        with pytest.raises(type(error)) as raised:
            await _raise_within(keeper, error, in_statement=in_statement)

        assert raised.value is error

    @pytest.mark.parametrize("is_lean", [True, False], ids=["lean", "usual"])
    @pytest.mark.parametrize("in_statement", [True, False], ids=["statement", "unit of work"])
    async def test_lost_connection_is_the_databases(
        self, keeper: Database, *, in_statement: bool, is_lean: bool
    ) -> None:
        """A connection that breaks under the caller's statement means that the database is not there."""
        with pytest.raises(DatabaseUnavailableError):
            async with keeper.statement() if in_statement else keeper.unit_of_work() as connection:
                await (execute_lean(connection, SEVER) if is_lean else connection.exec_driver_sql(SEVER))

    @pytest.mark.parametrize("is_lean", [True, False], ids=["lean", "usual"])
    async def test_aborted_socket_is_the_databases(self, keeper: Database, *, is_lean: bool) -> None:
        """The driver's own error of the socket means the same."""
        with pytest.raises(DatabaseUnavailableError):
            await _wait_and_break(keeper, is_lean=is_lean)

    async def test_lost_connection_at_the_commit_is_the_databases(self, keeper: Database, rows: Rows) -> None:
        """A connection that breaks before its commit means the same."""
        with pytest.raises(DatabaseUnavailableError):
            await _break_and_commit(keeper, rows)

    async def test_refused_value_is_the_callers(self, keeper: Database) -> None:
        """A value that the driver cannot send is not the database's fault."""
        with pytest.raises(DataError):
            async with keeper.unit_of_work() as connection:
                await execute_lean(connection, NOTE, "not a number")

    @pytest.mark.parametrize("is_lean", [True, False], ids=["lean", "usual"])
    async def test_database_that_only_reads_is_not_there(self, keeper: Database, rows: Rows, *, is_lean: bool) -> None:
        """After a failover the old server's sessions are given up, and the next ones write again."""
        (name,) = rows.one("SELECT current_database()")
        rows.change(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        with pytest.raises(DatabaseUnavailableError):
            async with keeper.unit_of_work() as connection:
                await (execute_lean(connection, NOTE, 1) if is_lean else connection.exec_driver_sql(f"{PLAIN} (1)"))
        with psycopg.connect(rows.database_url, autocommit=True) as outside:
            outside.execute("SET default_transaction_read_only = off")
            outside.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only".encode())

        await note(keeper, 2)
        assert rows.one("SELECT n FROM notes") == (2,)


def _break_socket(connection: Connection) -> None:
    pooled: Any = connection.sync_connection.connection  # type: ignore[union-attr]
    # What the loop does at a reset.
    pooled.driver_connection._transport._force_close(ConnectionResetError("reset"))


async def _wait_and_break(database: Database, *, is_lean: bool) -> None:
    async with database.unit_of_work() as connection:
        await execute_lean(connection, NOTE, 1)
        asyncio.get_running_loop().call_later(0.1, _break_socket, connection)
        await (execute_lean(connection, LONG) if is_lean else connection.exec_driver_sql(LONG))


async def _break_and_commit(database: Database, rows: Rows) -> None:
    async with database.unit_of_work() as connection:
        await execute_lean(connection, NOTE, 1)
        pid = (await connection.exec_driver_sql("SELECT pg_backend_pid()")).scalar_one()
        await asyncio.to_thread(rows.change, "SELECT pg_terminate_backend(%s, 5000)", pid)
