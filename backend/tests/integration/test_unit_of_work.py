"""Units of work that keep their connections from one to the next."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from backend.core.errors import DatabaseUnavailableError
from backend.db.engine import create_engine
from backend.db.unit_of_work import Database, execute_lean
from backend.tests.integration.world import Rows

NOTE = "INSERT INTO notes (n) VALUES ($1)"
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
        assert rows.one(OPEN) == (0,)
