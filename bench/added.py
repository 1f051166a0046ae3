"""What enqueuing costs the request that does it: statements are counted, so that this figure has no noise."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

from sqlalchemy import event, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from backend.db.engine import create_engine
from backend.db.models import Thought
from backend.db.unit_of_work import Connection, Database
from backend.features.capture import service
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob
from bench.servers import Servers

Write = Callable[[Connection, UUID], Awaitable[object]]


def measure(servers: Servers) -> dict[str, float]:
    """Return how many statements an enqueue adds to a request that keeps a thought.

    Args:
        servers: Where it happens.
    """
    servers.change("TRUNCATE effects, jobs, job_logs, thoughts CASCADE")
    return {"statements that an enqueue adds to a request": float(asyncio.run(_added(servers)))}


async def _added(servers: Servers) -> int:
    engine = create_engine(servers.database_url, pool_size=1, application_name="bench")
    without = await statements_of(engine, _thought)
    with_job = await statements_of(engine, _thought_then_job)
    await engine.dispose()
    return with_job - without


async def statements_of(engine: AsyncEngine, write: Write) -> int:
    """Return how many statements a unit of work sends.

    Args:
        engine: Where connections come from.
        write: What is done in it, for a twin.
    """
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    async with Database(engine).unit_of_work() as connection:
        twin_id: UUID = (await connection.exec_driver_sql("SELECT id FROM twins LIMIT 1")).scalar_one()
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await write(connection, twin_id)
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    return len(seen)


async def _thought(connection: Connection, twin_id: UUID) -> None:
    await connection.execute(insert(Thought).values(id=uuid4(), twin_id=twin_id, text="x"))


async def _thought_then_job(connection: Connection, twin_id: UUID) -> None:
    await _thought(connection, twin_id)
    await enqueue(connection, NewJob(kind=service.PROCESS, twin_id=twin_id, idempotency_key=f"bench:{uuid4()}"))
