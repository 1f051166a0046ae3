"""The kinds of jobs that this build runs, gathered from the features."""

from backend.db.unit_of_work import Connection
from backend.features.capture import jobs as capture_jobs
from backend.features.capture.service import Capture
from backend.features.jobs import jobs as job_jobs
from backend.features.plan import jobs as plan_jobs
from backend.features.plan.service import Planning
from backend.features.query.service import Query
from backend.features.telegram import jobs as telegram_jobs
from backend.features.todoist import jobs as todoist_jobs
from backend.jobs.records import Kind
from backend.jobs.upkeep import Retention
from backend.providers.llm import ledger
from backend.worker.chat import abilities
from backend.worker.tools import Tools


def gather(tools: Tools) -> dict[str, Kind]:
    """Return by name how each kind is run.

    Args:
        tools: What handlers need.
    """
    capture = _capture(tools)
    planning = Planning(database=tools.database, assistant=tools.assistant)
    query = Query(database=tools.database, assistant=tools.assistant)
    able = abilities(tools.database, capture, query=query)
    return {
        **capture_jobs.kinds(capture),
        **job_jobs.kinds(_forget_chats, _forget_calls),
        **plan_jobs.kinds(planning),
        **telegram_jobs.kinds(tools.database, tools.telegram, abilities=able),
        **todoist_jobs.kinds(tools.database, tools.todoist),
    }


async def _forget_chats(connection: Connection, retention: Retention) -> None:
    await telegram_jobs.purge(connection, retention.finished)


async def _forget_calls(connection: Connection, retention: Retention) -> None:
    await ledger.forget(connection, retention.dead)


def _capture(tools: Tools) -> Capture:
    return Capture(
        database=tools.database,
        assistant=tools.assistant,
        build=tools.build,
        deadline=tools.assistant_deadline,
    )
