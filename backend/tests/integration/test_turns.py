"""Whose job is next, and what it costs to find out: many lanes, backlogs of others, kinds with a limit."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import pytest

from backend.db.unit_of_work import Connection, Database
from backend.jobs import claims
from backend.jobs.claims import Claim, Claimed
from backend.jobs.records import ClaimedJob, Kind
from backend.jobs.runner import Limits, Runner
from backend.tests.integration.test_jobs import WORKER
from backend.tests.integration.test_queue import put
from backend.tests.integration.world import Rows, eventually, issue_token, user_of

CANARIES = Claim(worker_id="w1", kinds=("canary",), lease=timedelta(seconds=30))
FETCHED = "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'jobs'"
FILL = """INSERT INTO jobs (kind, twin_id, idempotency_key, priority, due_at)
SELECT %s, twins.id, gen_random_uuid()::text, %s, now() + %s::interval FROM twins, generate_series(1, %s) AS n"""


def fill(rows: Rows, each: int, *, kind: str = "canary", priority: int = 0, due: str = "0 s") -> None:
    """Queue jobs for every twin."""
    rows.change(FILL, kind, priority, due, each)


def add_twins(rows: Rows, number: int) -> None:
    """Add people with a twin each."""
    rows.change("INSERT INTO users (email) SELECT 'u' || n FROM generate_series(1, %s) AS n", number)
    rows.change("INSERT INTO twins (user_id, name, is_personal) SELECT id, 't', true FROM users WHERE email ^@ 'u'")


async def claim(database: Database, limit: int, *, before: Claimed | None = None, is_backlog: bool = False) -> Claimed:
    """Claim canaries, after the claim before."""
    served = before.served if before else None
    async with database.statement() as connection:
        return await claims.claim_due(connection, CANARIES, limit=limit, served=served, is_backlog=is_backlog)


class TestLanes:
    """Each lane has its turn, whatever their number."""

    @pytest.mark.parametrize(("twins", "each"), [(1_100, 2), (20, 3)], ids=["backlog", "few"])
    async def test_every_twin_is_served_before_one_is_served_twice(
        self, database: Database, rows: Rows, twins: int, each: int
    ) -> None:
        """As many jobs as there are twins are one of each; the next claim goes on behind the last one served."""
        add_twins(rows, twins)
        fill(rows, each)
        seen: list[UUID | None] = []
        got = Claimed(jobs=())
        while len(seen) < twins:
            got = await claim(database, min(100, twins - len(seen)), before=got)
            seen += [job.twin_id for job in got.jobs]

        assert len(set(seen)) == len(seen) == twins

    async def test_priority_goes_before_turns(self, database: Database, rows: Rows) -> None:
        """In a backlog, nothing of a lower level is taken while one of the higher waits, wherever the turn is."""
        add_twins(rows, 30)
        fill(rows, 10, priority=5)
        fill(rows, 1, priority=-5)

        first = await claim(database, 7, before=await claim(database, 7))
        rest = await claim(database, 100, before=first)

        urgent = rows.one("SELECT count(*) FROM jobs WHERE priority = -5 AND status = 'running'")
        assert (len(first.jobs), len(rest.jobs), urgent) == (7, 100, (30,))

    async def test_lane_behind_thousands_of_waiting_ones_has_its_turn(
        self, database: Database, token: str, rows: Rows
    ) -> None:
        """Beside one twin's backlog, another's only job is found among lanes in which nothing is due yet."""
        ada = (await user_of(database, token)).twin_id
        rows.change(FILL + " WHERE twins.id = %s", "canary", 0, "0 s", 400, ada)
        add_twins(rows, 2_000)
        rows.change(FILL + " WHERE twins.id <> %s", "canary", 0, "1 day", 1, ada)
        (last,) = rows.one("SELECT id FROM twins WHERE id < %s ORDER BY id DESC LIMIT 1", ada)
        late = await put(database, last, "late")

        got, claimed = Claimed(jobs=()), 0
        while late not in {job.id for job in got.jobs}:
            got = await claim(database, 10, before=got, is_backlog=True)
            claimed += len(got.jobs)

        assert claimed < 100


class TestCost:
    """A claim reads what it may take, and little else."""

    async def _read(self, database: Database, *, is_backlog: bool = False) -> tuple[int, int]:
        async with database.unit_of_work() as connection:
            # A table as small as a test's is read whole, whatever indexes it has.
            await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            await connection.exec_driver_sql("SET LOCAL enable_hashjoin = off")
            got = await claims.claim_due(connection, CANARIES, limit=10, is_backlog=is_backlog)
            fetched: int = (await connection.exec_driver_sql(FETCHED)).scalar_one()
        return len(got.jobs), fetched

    @pytest.mark.parametrize("kind", ["canary", "jobs.retention"], ids=["not due", "not for this worker"])
    async def test_reads_past_nothing(self, database: Database, token: str, rows: Rows, kind: str) -> None:
        """However many wait for their time or for another worker, the one that is due is found at once."""
        user = await user_of(database, token)
        add_twins(rows, 1_500)
        fill(rows, 2, kind=kind, due="1 day" if kind == "canary" else "0 s")
        await put(database, user.twin_id, "due")
        rows.change("ANALYZE jobs")

        jobs, fetched = await self._read(database)

        assert jobs == 1
        assert fetched < 10

    async def test_backlog_is_not_read(self, database: Database, token: str, rows: Rows) -> None:
        """In a backlog a claim hops over so many lanes and no more, and takes its fill."""
        await user_of(database, token)
        fill(rows, 3_000)
        add_twins(rows, 2_000)
        rows.change(
            "INSERT INTO jobs (kind, twin_id, idempotency_key, due_at)"
            " SELECT 'canary', id, id::text, 'infinity' FROM twins WHERE name = 't'"
        )
        rows.change("ANALYZE jobs")

        jobs, fetched = await self._read(database, is_backlog=True)

        assert jobs == 10
        assert fetched < 2_000


class TestLimits:
    """Kinds that may not run everywhere at once."""

    def _runner(self, database: Database, kinds: Mapping[str, Kind]) -> Runner:
        limits = Limits(concurrency=4, lease=timedelta(seconds=30))
        return Runner(database=database, kinds=kinds, worker=WORKER, limits=limits)

    @pytest.mark.parametrize(("priority", "most_before"), [(-10, 0), (0, 8)], ids=["more urgent", "its twin's turn"])
    async def test_has_its_turn_beside_a_backlog(
        self, database: Database, token: str, rows: Rows, priority: int, most_before: int
    ) -> None:
        """A job of a kind with a limit comes by priority and turns, like any other."""
        await user_of(database, token)
        fill(rows, 300)
        eve = await user_of(database, await issue_token(database, "eve@example.org"))
        job = await put(database, eve.twin_id, "limited", priority=priority)
        rows.change("UPDATE jobs SET kind = 'jobs.retention' WHERE id = %s", job)
        order: list[str] = []

        async def note(_connection: Connection, ran: ClaimedJob) -> None:
            """Note what ran."""
            order.append(ran.kind)

        runner = self._runner(database, {"canary": Kind(run=note), "jobs.retention": Kind(run=note, limit=1)})
        while "jobs.retention" not in order:
            await runner.sweep()
        await runner.drain(timedelta(seconds=60))

        # Those of the same claim have begun with it.
        assert order.index("jobs.retention") <= most_before + 3

    async def test_leaves_its_turns_to_others_at_its_limit(self, database: Database, token: str, rows: Rows) -> None:
        """A backlog of a kind that is at its limit keeps no slot from the others."""
        await user_of(database, token)
        fill(rows, 300, kind="jobs.retention", priority=-1)
        fill(rows, 3)
        end = asyncio.Event()
        running: list[str] = []

        async def wait(_connection: Connection, job: ClaimedJob) -> None:
            """Keep the slot."""
            running.append(job.kind)
            await end.wait()

        runner = self._runner(database, {"canary": Kind(run=wait), "jobs.retention": Kind(run=wait, limit=1)})
        await runner.sweep()
        await eventually(lambda: _is_full(running))
        end.set()
        await runner.drain(timedelta(seconds=60))

        assert sorted(running) == ["canary", "canary", "canary", "jobs.retention"]

    @pytest.mark.parametrize(("running", "taken"), [(0, 2), (1, 1), (2, 0), (3, 0)])
    async def test_takes_what_the_limit_leaves(
        self, database: Database, token: str, rows: Rows, running: int, taken: int
    ) -> None:
        """Of the jobs whose turn it is, as many are taken as may run beside those that do."""
        await user_of(database, token)
        fill(rows, 3 + running)
        rows.change(
            "UPDATE jobs SET status = 'running', due_at = now() + interval '1 minute'"
            " WHERE id IN (SELECT id FROM jobs LIMIT %s)", running
        )  # fmt: skip
        asked = Claim(worker_id="w1", kinds=("canary",), lease=timedelta(seconds=30), limited=("canary",))

        async with database.unit_of_work() as connection:
            told = await claims.claim_due(connection, asked, limit=9)
            got = await claims.claim_limited(connection, asked, at_once=2, job_ids=told.waiting["canary"])

        assert (told.jobs, len(told.waiting["canary"]), len(got.jobs)) == ((), 3, taken)
        assert rows.one("SELECT count(*) FROM jobs WHERE status = 'running'") == (running + taken,)


async def _is_full(running: list[str]) -> bool:
    return len(running) == 4
