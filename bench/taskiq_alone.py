"""A worker process of Taskiq alone, with the same write by the same code: python -m bench.taskiq_alone."""

import asyncio
import os
from uuid import UUID

import asyncpg
import uvloop
from taskiq.api import run_receiver_task
from taskiq_redis import ListQueueBroker

from bench.effect import CONCURRENCY, WRITE


def make_broker() -> ListQueueBroker:
    """Return the broker that the environment names."""
    return ListQueueBroker(os.environ["REDIS_URL"], queue_name=os.environ["QUEUE_NAME"], socket_timeout=None)


async def work() -> None:
    """Work until the process is killed."""
    broker = make_broker()
    pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=CONCURRENCY, max_size=CONCURRENCY)

    @broker.task(task_name="job")
    async def job(job_id: str) -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(WRITE, UUID(job_id))

    broker.is_worker_process = True
    await broker.startup()
    receiving = asyncio.create_task(run_receiver_task(broker, max_async_tasks=CONCURRENCY))
    await receiving


if __name__ == "__main__":
    uvloop.run(work())
