"""What a million finished jobs cost a claim and an operator."""

import asyncio
import statistics
import time
from datetime import timedelta

from backend.db.engine import create_engine
from backend.db.unit_of_work import Database
from backend.jobs import claims
from backend.jobs.claims import Claim
from bench.servers import Servers
from gonogo.adapters.jobs import SqlJobs
from gonogo.model import Secret

_FINISHED = """INSERT INTO jobs (kind, twin_id, idempotency_key, status, attempts, finished_at, result)
SELECT 'canary', twins.id, gen_random_uuid()::text, 'done', 1, now() - n * interval '1 second', '{}'
FROM twins, generate_series(1, %s) AS n"""
_QUEUED = """INSERT INTO jobs (kind, twin_id, idempotency_key)
SELECT 'canary', twins.id, gen_random_uuid()::text FROM twins, generate_series(1, %s)"""
_CLAIMS = 60
_WARM_UP = 20


def measure(servers: Servers, *, finished: int) -> dict[str, float]:
    """Return the time of a claim without and with finished jobs, and of jobs.status, in ms.

    Args:
        servers: Where it happens.
        finished: How many jobs are over.
    """
    servers.change("TRUNCATE effects, jobs, job_logs")
    servers.change("VACUUM ANALYZE jobs")
    empty = _claims(servers)
    servers.change(_FINISHED, finished)
    servers.change("VACUUM ANALYZE jobs")
    full = _claims(servers)
    return {
        "claim of ten, no finished jobs, ms": empty,
        f"claim of ten, {finished:,} finished jobs, ms": full,
        "claim grows by": full / empty,
        f"jobs.status, {finished:,} finished jobs, ms": _status(servers),
    }


def _claims(servers: Servers) -> float:
    servers.change(_QUEUED, (_WARM_UP + _CLAIMS) * 10)
    servers.change("ANALYZE jobs")
    # A million new rows are still on their way to the disk, and that is no claim's doing.
    servers.change("CHECKPOINT")
    return asyncio.run(_timed_claims(servers))


async def _timed_claims(servers: Servers) -> float:
    database = Database(create_engine(servers.database_url, pool_size=1, application_name="bench"))
    claim = Claim(worker_id="bench", kinds=("canary",), lease=timedelta(hours=1))
    times: list[float] = []
    # The first claims read the indexes' pages and have their plans made.
    for _ in range(_WARM_UP + _CLAIMS):
        began = time.perf_counter()
        async with database.statement() as connection:
            await claims.claim_due(connection, claim, limit=10)
        times.append((time.perf_counter() - began) * 1000)
    await database.close()
    return statistics.median(times[_WARM_UP:])


def _status(servers: Servers) -> float:
    jobs, times = SqlJobs(Secret("DATABASE_URL", servers.database_url), operator="bench"), []
    for _ in range(5):
        began = time.perf_counter()
        jobs.facts()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)
