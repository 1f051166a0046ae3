"""The least that a queue in Postgres can do, on asyncpg and nothing else: python -m bench.bare_loop."""

import asyncio
import os

import asyncpg
import uvloop

from bench.effect import CONCURRENCY, WRITE

_CHOOSE = """SELECT id FROM bare_jobs WHERE status = 'queued' AND due_at <= now()
ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED"""


async def _loop(pool: asyncpg.Pool) -> None:
    while True:
        async with pool.acquire() as connection, connection.transaction():
            job_id = await connection.fetchval(_CHOOSE)
            if job_id is None:
                return
            await connection.execute(WRITE, job_id)
            await connection.execute("UPDATE bare_jobs SET status = 'done' WHERE id = $1", job_id)


async def work() -> None:
    """Work until nothing is due."""
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=CONCURRENCY, max_size=CONCURRENCY) as pool:
        await asyncio.gather(*(_loop(pool) for _ in range(CONCURRENCY)))


if __name__ == "__main__":
    uvloop.run(work())
