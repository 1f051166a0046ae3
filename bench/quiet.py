"""How a worker is when there is little to do: how soon it starts a job, and what it costs while it waits."""

import asyncio
import itertools
import statistics
import time
from uuid import UUID

import psutil

from backend.db.engine import create_engine
from backend.db.unit_of_work import Database
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob
from backend.jobs.transport import Transport
from bench.servers import Servers
from bench.throughput import process

_COMMITS = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = current_database()"
_WORKERS = "SELECT count(*) FROM worker_heartbeats WHERE state = 'running' AND beat_at > now() - interval '5 s'"


def measure(servers: Servers, *, jobs: int, idle_s: float) -> dict[str, float]:
    """Return pick-up latencies in ms, and an idle worker's share of a CPU and its queries a second.

    Args:
        servers: Where it happens.
        jobs: How many are queued, one after another.
        idle_s: How long it is watched while it has nothing to do.
    """
    servers.change("TRUNCATE effects, jobs, job_logs, worker_heartbeats")
    variables = servers.variables()
    with process("bench.ours", variables) as worker:
        _wait(servers, _WORKERS, 1)
        asyncio.run(_send_one_by_one(servers, variables, jobs))
        _wait(servers, "SELECT count(*) FROM effects", jobs)
        picked = _pickups(servers)
        return {**picked, **_idle(servers, worker.pid, idle_s)}


def _wait(servers: Servers, sql: str, number: int) -> None:
    while servers.number(sql) < number:
        time.sleep(0.1)


async def _send_one_by_one(servers: Servers, variables: dict[str, str], jobs: int) -> None:
    database = Database(create_engine(servers.database_url, pool_size=2, application_name="bench"))
    transport = Transport(variables["REDIS_URL"], queue_name=variables["QUEUE_NAME"])
    twin_id = UUID(int=0)
    async with database.statement() as connection:
        twin_id = (await connection.exec_driver_sql("SELECT id FROM twins")).scalar_one()
    for number in range(jobs):
        async with database.statement() as connection:
            job_id = await enqueue(connection, NewJob(kind="canary", twin_id=twin_id, idempotency_key=f"q{number}"))
        await transport.send(job_id)
        await asyncio.sleep(0.03)
    await transport.close()
    await database.close()


def _pickups(servers: Servers) -> dict[str, float]:
    # From the row's commit, as near as its own clock can say, to the claim.
    ms = "extract(epoch FROM (SELECT min(at) FROM job_logs WHERE job_id = jobs.id) - created_at) * 1000"
    at = "SELECT percentile_cont({}) WITHIN GROUP (ORDER BY {}) FROM jobs"
    return {f"pick-up p{int(q * 100)} ms": servers.number(at.format(q, ms)) for q in (0.5, 0.95)}


def _idle(servers: Servers, pid: int, idle_s: float) -> dict[str, float]:
    worker = psutil.Process(pid)
    # The server's own housekeeping commits too, and is not the worker's.
    for table in ("jobs", "job_logs", "worker_heartbeats", "job_schedules", "effects"):
        servers.change(f"ALTER TABLE {table} SET (autovacuum_enabled = off)")
    # A session that rests tells its counts up to ten seconds later; those of before must not be counted in.
    time.sleep(12)
    with_us = _commits_of_looking(servers)
    before, cpu, began = servers.number(_COMMITS), sum(worker.cpu_times()[:2]), time.monotonic()
    time.sleep(idle_s)
    took = time.monotonic() - began
    queries = servers.number(_COMMITS) - before - with_us
    return {
        "idle queries a second": queries / took,
        "idle CPU percent": (sum(worker.cpu_times()[:2]) - cpu) / took * 100,
    }


def _commits_of_looking(servers: Servers) -> float:
    # What one look at the counter adds to it; the smallest difference is one without the worker in between.
    looks = [servers.number(_COMMITS) for _ in range(9)]
    return statistics.mode(b - a for a, b in itertools.pairwise(looks))
