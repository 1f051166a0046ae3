"""Jobs a second of one worker process: ours, Taskiq alone, a bare loop; by turns, so that all meet the same noise."""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
from redis.asyncio import Redis
from taskiq.kicker import AsyncKicker
from taskiq_redis import ListQueueBroker

from bench.servers import ROOT, Servers

_DEADLINE_S = 300.0
_QUEUE_ROWS = """INSERT INTO jobs (id, kind, twin_id, idempotency_key)
SELECT gen_random_uuid(), 'canary', twins.id, gen_random_uuid()::text FROM twins, generate_series(1, %s)"""
_QUEUE_BARE = "INSERT INTO bare_jobs SELECT gen_random_uuid(), 'queued', now() FROM generate_series(1, %s)"


def measure(servers: Servers, *, jobs: int, rounds: int) -> dict[str, float]:
    """Return the median jobs a second of each contender, and the ratios.

    Args:
        servers: Where it happens.
        jobs: Jobs per contender and round.
        rounds: How many rounds.
    """
    contenders: dict[str, Callable[[Servers, int], float]] = {
        "ours": _ours,
        "taskiq alone": _taskiq,
        "bare loop": _bare,
    }
    seen: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, contender in contenders.items():
            servers.change("TRUNCATE effects, jobs, job_logs, bare_jobs")
            servers.change("VACUUM ANALYZE jobs")
            seen[name].append(contender(servers, jobs))
    rates = {name: statistics.median(each) for name, each in seen.items()}
    ratios = {
        f"ours / {name}": statistics.median(a / b for a, b in zip(seen["ours"], seen[name], strict=True))
        for name in ("taskiq alone", "bare loop")
    }
    return {**rates, **ratios}


def _ours(servers: Servers, jobs: int) -> float:
    variables = servers.variables()
    servers.change(_QUEUE_ROWS, jobs)
    with psycopg.connect(servers.database_url) as connection:
        ids = [str(row[0]) for row in connection.execute("SELECT id FROM jobs")]
    asyncio.run(send(variables, ids))
    with process("bench.ours", variables):
        return _rate(servers, jobs)


def _taskiq(servers: Servers, jobs: int) -> float:
    variables = servers.variables()
    asyncio.run(send(variables, [str(uuid4()) for _ in range(jobs)]))
    with process("bench.taskiq_alone", variables):
        return _rate(servers, jobs)


def _bare(servers: Servers, jobs: int) -> float:
    servers.change(_QUEUE_BARE, jobs)
    with process("bench.bare_loop", servers.variables()):
        return _rate(servers, jobs)


async def send(variables: dict[str, str], ids: list[str]) -> None:
    """Put messages into a queue, as the transport does.

    Args:
        variables: Name the queue.
        ids: The jobs.
    """
    broker = ListQueueBroker(variables["REDIS_URL"], queue_name=variables["QUEUE_NAME"])
    for job_id in ids:
        kicker: AsyncKicker[[str], None] = AsyncKicker(task_name="job", broker=broker, labels={})
        await kicker.with_task_id(job_id).kiq(job_id)
    await broker.shutdown()


async def clear(variables: dict[str, str]) -> None:
    """Empty a queue.

    Args:
        variables: Name it.
    """
    async with Redis.from_url(variables["REDIS_URL"]) as redis:
        await redis.delete(variables["QUEUE_NAME"])


@contextmanager
def process(module: str, variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Give a process of one module; it is gone at the end.

    Args:
        module: What it runs.
        variables: Its environment.
    """
    started = subprocess.Popen(
        [sys.executable, "-m", module],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield started
    finally:
        started.kill()
        started.wait()
        asyncio.run(clear(variables))


def _rate(servers: Servers, jobs: int) -> float:
    # By the database's own clock, from the first effect to the last: the start of the process is nobody's merit.
    deadline = time.monotonic() + _DEADLINE_S
    while (ran := servers.number("SELECT count(*) FROM effects")) < jobs:
        if time.monotonic() > deadline:
            sys.exit(f"{ran:.0f} of {jobs} jobs ran in {_DEADLINE_S:.0f} s")
        time.sleep(0.1)
    return (jobs - 1) / servers.number("SELECT extract(epoch FROM max(at) - min(at)) FROM effects")
