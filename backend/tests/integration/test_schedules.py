"""Recurring jobs: one run per tick, whatever becomes of another schedule."""

import asyncio
import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from backend.core import cron
from backend.db.unit_of_work import Database
from backend.jobs import schedules
from backend.jobs.schedules import Schedule
from backend.tests.integration.world import Rows

# A test that is under way when a tick comes by itself would see one more.
NEW_YEAR = "0 0 1 1 *"


class TestSchedules:
    """Recurring jobs."""

    YEARLY = Schedule(name="yearly", kind="canary", cron=NEW_YEAR)

    async def _keep(self, database: Database, schedule: Schedule) -> None:
        async with database.unit_of_work() as connection:
            await schedules.keep(connection, [schedule])

    async def _tick(self, database: Database, *names: str) -> int:
        async with database.unit_of_work() as connection:
            return len(await schedules.tick(connection, ("canary",), names=names or ("yearly",)))

    async def test_one_run_per_tick(self, database: Database, rows: Rows) -> None:
        """However many workers see a tick, and however many ticks were missed, one job is queued."""
        await self._keep(database, self.YEARLY)
        rows.change("UPDATE job_schedules SET next_at = date_trunc('year', now()) - interval '5 years'")

        ticked = await asyncio.gather(*(self._tick(database) for _ in range(8)))

        assert sum(ticked) == 1
        assert rows.one("SELECT count(*) FROM jobs") == (1,)
        assert rows.one("SELECT next_at > now() FROM job_schedules") == (True,)

    async def test_start_of_a_worker_moves_nothing(self, database: Database, rows: Rows) -> None:
        """A tick that is due stays due when a worker starts; another expression begins anew."""
        await self._keep(database, self.YEARLY)
        rows.change("UPDATE job_schedules SET next_at = now() - interval '1 minute'")
        await self._keep(database, self.YEARLY)
        (is_due,) = rows.one("SELECT next_at < now() FROM job_schedules")
        await self._keep(database, Schedule(name="yearly", kind="canary", cron="0 0 2 1 *"))

        assert (is_due, *rows.one("SELECT next_at < now() FROM job_schedules")) == (True, False)

    @pytest.mark.parametrize(
        ("fields", "zone", "after", "tick"),
        [
            ("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00+00:00", "2026-03-29T01:00:00+00:00"),
            ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00+00:00", "2026-10-26T01:30:00+00:00"),
            ("0 9 * * mon", "UTC", "2026-11-21T00:00:00+00:00", "2026-11-23T09:00:00+00:00"),
        ],
        ids=["hour that is left out", "hour that comes twice", "weekday"],
    )
    def test_next_after(self, fields: str, zone: str, after: str, tick: str) -> None:
        """A tick comes once a day, also on the days on which clocks change."""
        assert cron.next_after(fields, zone, datetime.fromisoformat(after)) == datetime.fromisoformat(tick)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ("timezone = 'Mars/X'", "is meant in 'Mars/X', which is no time zone that is known here"),
            ("timezone = '../../etc/passwd'", "no time zone"),
            ("cron = 'x'", "must be five fields as in crontab(5): 1 found"),
            ("cron = '61 * * * *'", "must be five fields as in crontab(5): Bad minute"),
        ],
        ids=["zone", "path", "words", "minute"],
    )
    async def test_row_that_cannot_tick_stops_no_other(
        self, database: Database, rows: Rows, capsys: pytest.CaptureFixture[str], *, change: str, reason: str
    ) -> None:
        """A row that was spoilt is said once, by name and reason; the others tick."""
        name = f"bad-{uuid4()}"
        await self._keep(database, Schedule(name=name, kind="canary", cron=NEW_YEAR))
        await self._keep(database, self.YEARLY)
        rows.change("UPDATE job_schedules SET next_at = now() - interval '1 minute'")
        rows.change(f"UPDATE job_schedules SET {change} WHERE name = %s", name)  # noqa: S608  # words of this test

        ticked = [await self._tick(database, name, "yearly") for _ in range(2)]

        said = [line for line in capsys.readouterr().out.splitlines() if name in line]
        assert (ticked, len(said)) == ([1, 0], 1)
        assert reason in said[0]

    async def test_job_that_the_database_refuses_stops_no_other(self, database: Database, rows: Rows) -> None:
        """Where a schedule's job cannot be queued nothing of its tick is kept; the others tick."""
        await self._keep(database, Schedule(name="refused", kind="canary", cron=NEW_YEAR))
        await self._keep(database, self.YEARLY)
        rows.change("UPDATE job_schedules SET next_at = date_trunc('year', now()) - interval '1 year'")
        rows.change("ALTER TABLE jobs ADD CONSTRAINT none_of_it CHECK (idempotency_key !~ 'refused')")

        assert await self._tick(database, "refused", "yearly") == 1
        assert rows.one("SELECT last_at FROM job_schedules WHERE name = 'refused'") == (None,)

    async def test_schedule_of_another_build_does_not_tick(self, database: Database, rows: Rows) -> None:
        """What this build does not declare stays in the table, for a rollback, and does not tick."""
        await self._keep(database, self.YEARLY)
        rows.change("UPDATE job_schedules SET next_at = now() - interval '1 minute'")

        assert await self._tick(database, "daily") == 0
        assert rows.one("SELECT count(*) FROM jobs") == (0,)
        assert await self._tick(database, "yearly") == 1

    @pytest.mark.parametrize(
        ("fields", "zone", "said"),
        [
            ("* * * * * *", "UTC", "must be five fields as in crontab(5): 6 found"),
            ("0 0 30 2 *", "UTC", "must be five fields as in crontab(5): Bad day-of-month"),
            ("0 0 * * *", "Mars/X", "is meant in 'Mars/X'"),
        ],
        ids=["seconds", "never", "zone"],
    )
    def test_declaration_is_refused(self, fields: str, zone: str, said: str) -> None:
        """Times that could never come are refused where they are declared, with the schedule's name."""
        with pytest.raises(ValueError, match=re.escape(f"schedule 'n': {fields!r} {said}")):
            Schedule(name="n", kind="canary", cron=fields, timezone=zone)


def test_utc_is_what_ticks_are_kept_in() -> None:
    """Ticks are compared across zones in one of them."""
    assert cron.next_after("0 9 * * *", "Asia/Tokyo", datetime(2026, 1, 1, tzinfo=UTC)).tzinfo is UTC
