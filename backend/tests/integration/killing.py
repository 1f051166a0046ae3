"""Workers are killed, Redis is flushed and stopped, Postgres is restarted, while jobs are queued and run."""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Protocol
from uuid import UUID

import psycopg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.core import clock
from backend.core.environment import Environment
from backend.core.errors import ServiceError
from backend.db.unit_of_work import Database
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob
from backend.jobs.transport import Transport
from backend.tests.integration.world import ROOT, Rows, as_variables, eventually

_WORKER = (sys.executable, "-m", "backend.tests.integration.killed_worker")
_SENDERS = 8
_LOOK_S = 0.02
# Each attempt has its beginning and its end in the log, and the last end is done.
INCOMPLETE_LOGS = """
SELECT count(*) FROM jobs WHERE status <> 'done' OR attempts <> (
  SELECT count(*) FROM job_logs WHERE job_id = jobs.id AND event = 'started'
) OR attempts <> (
  SELECT count(DISTINCT attempt) FROM job_logs
  WHERE job_id = jobs.id AND event IN ('done', 'failed', 'dead', 'lost', 'handed_back')
) OR 1 <> (SELECT count(*) FROM job_logs WHERE job_id = jobs.id AND event = 'done' AND attempt = jobs.attempts)
"""


class Servers(Protocol):
    """Servers that may be stopped."""

    def restart_postgres(self) -> None:
        """Stop PostgreSQL and start it again."""

    def stop_redis(self) -> None:
        """Kill Redis."""

    def start_redis(self) -> None:
        """Start Redis again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What is done to the queue.

    Attributes:
        jobs: How many are queued while it runs.
        kills: How many workers are killed.
        flushes: How often Redis is emptied.
        redis_down_s: How long Redis is stopped, once.
        deadline_s: When to give up.
    """

    jobs: int
    kills: int
    flushes: int
    redis_down_s: float
    deadline_s: float


SMALL = Profile(jobs=300, kills=3, flushes=1, redis_down_s=0.5, deadline_s=300)
LARGE = Profile(jobs=10_000, kills=20, flushes=3, redis_down_s=10, deadline_s=1_200)


@dataclass(kw_only=True, slots=True)
class Harm:
    """What was done so far.

    Attributes:
        killed: When each killed process was killed, by its pid; seconds since the epoch.
    """

    killed: dict[int, float] = field(default_factory=dict)


@dataclass(kw_only=True, slots=True)
class Fleet:
    """Two worker processes, replaced when they are killed."""

    variables: Mapping[str, str]
    random: Random
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def pids(self) -> str:
        """Return the processes, for SQL."""
        return ", ".join(str(worker.pid) for worker in self.workers)

    def start(self) -> None:
        """Start one worker."""
        environment = {"PATH": "/usr/bin:/bin", **self.variables}
        self.workers.append(
            subprocess.Popen(_WORKER, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )

    def kill_one(self, harm: Harm) -> None:
        """Kill any worker and start another."""
        victim = self.workers.pop(self.random.randrange(len(self.workers)))
        victim.kill()
        victim.wait()
        harm.killed[victim.pid] = clock.now().timestamp()
        self.start()

    def stop(self) -> None:
        """Kill all."""
        for worker in self.workers:
            worker.kill()
            worker.wait()


async def survive(environment: Environment, database: Database, profile: Profile, *, servers: Servers) -> Harm:
    """Queue and run jobs while everything around them fails; return when all are over, or fail at the deadline.

    Args:
        environment: Of the workers.
        database: To queue with.
        profile: What is done.
        servers: What it is done to.
    """
    rows = Rows(database_url=environment.database_url.get_secret_value())
    random, harm = Random(profile.jobs), Harm()
    fleet = Fleet(variables=as_variables(environment), random=random)
    async with asyncio.timeout(profile.deadline_s), _queued(environment, database, profile) as queuing:
        try:
            fleet.start()
            fleet.start()
            for threshold, act in _acts(environment, profile, fleet=fleet, harm=harm, servers=servers):
                await _reached(rows, "SELECT count(*) FROM effects", threshold, within_s=profile.deadline_s)
                await act()
            await queuing
            over = "SELECT count(*) FROM jobs WHERE status IN ('done', 'dead')"
            await _reached(rows, over, profile.jobs, within_s=profile.deadline_s)
        finally:
            fleet.stop()
    return harm


def _acts(
    environment: Environment, profile: Profile, *, fleet: Fleet, harm: Harm, servers: Servers
) -> list[tuple[int, Callable[[], asyncio.Future[None]]]]:
    """Return what is done after how many effects, at random, in order."""
    rows = Rows(database_url=environment.database_url.get_secret_value())

    async def kill() -> None:
        # One that has not begun has nothing to lose.
        begun = f"SELECT count(*) FROM worker_heartbeats WHERE pid IN ({fleet.pids})"  # noqa: S608
        await _reached(rows, begun, 2, within_s=profile.deadline_s)
        fleet.kill_one(harm)

    async def flush() -> None:
        with contextlib.suppress(RedisError):
            async with Redis.from_url(environment.redis_url.get_secret_value()) as redis:
                await redis.flushall()

    async def stop_redis() -> None:
        await asyncio.to_thread(servers.stop_redis)
        await asyncio.sleep(profile.redis_down_s)
        await asyncio.to_thread(servers.start_redis)

    async def restart() -> None:
        await asyncio.to_thread(servers.restart_postgres)

    acts = [kill] * profile.kills + [flush] * profile.flushes + [stop_redis, restart]
    moments = [fleet.random.randrange(1, profile.jobs * 9 // 10) for _ in acts]
    fleet.random.shuffle(acts)
    ordered = zip(sorted(moments), acts, strict=True)
    return [(moment, lambda act=act: asyncio.ensure_future(act())) for moment, act in ordered]  # type: ignore[misc]


async def _reached(rows: Rows, sql: str, number: int, *, within_s: float) -> None:
    async def is_there() -> bool:
        return await asyncio.to_thread(_count, rows, sql) >= number

    await eventually(is_there, within_s=within_s)


def _count(rows: Rows, sql: str) -> int:
    try:
        return int(rows.one(sql)[0])
    except psycopg.Error:
        return -1


@asynccontextmanager
async def _queued(environment: Environment, database: Database, profile: Profile) -> AsyncIterator[asyncio.Task[None]]:
    """Queue all jobs in the background."""
    (twin_id,) = Rows(database_url=environment.database_url.get_secret_value()).one("SELECT id FROM twins")
    transport = Transport(environment.redis_url.get_secret_value(), queue_name=environment.queue_name)
    numbers = iter(range(profile.jobs))

    async def send() -> None:
        for number in numbers:
            await _queue_one(database, transport, NewJob(kind="canary", twin_id=twin_id, idempotency_key=f"{number}"))

    async def send_all() -> None:
        await asyncio.gather(*(send() for _ in range(_SENDERS)))

    queuing = asyncio.create_task(send_all())
    try:
        yield queuing
    finally:
        queuing.cancel()
        await asyncio.wait([queuing])
        await transport.close()


async def _queue_one(database: Database, transport: Transport, job: NewJob) -> None:
    """Queue one job; a caller whose answer was lost asks again with the same key."""
    job_id: UUID | None = None
    while job_id is None:
        try:
            async with database.unit_of_work() as connection:
                enqueued = await enqueue(connection, job)
            job_id = enqueued
        except ServiceError:
            await asyncio.sleep(_LOOK_S)
    with contextlib.suppress(ServiceError):
        await transport.send(job_id)


def slowest_takeover_s(rows: Rows, harm: Harm) -> float:
    """Return the longest time from a worker's death until another one ran its job again.

    Args:
        rows: The database.
        harm: Who was killed when.
    """
    sql = "SELECT extract(epoch FROM max(at))::float8 FROM job_logs WHERE event = 'lost' AND worker_id LIKE %s"
    seen = [(rows.one(sql, f"%-{pid}-%")[0], at) for pid, at in harm.killed.items()]
    return max((lost - at for lost, at in seen if lost is not None), default=0.0)
