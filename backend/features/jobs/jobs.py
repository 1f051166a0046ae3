"""The canary: a job that proves API, Redis, worker and Postgres, and changes nothing."""

from backend.db.unit_of_work import Connection
from backend.features.jobs import service
from backend.jobs.records import ClaimedJob


async def run_canary(_connection: Connection, _job: ClaimedJob) -> None:
    """Do nothing; that it is done, and by whom, is the message."""


HANDLERS = {service.CANARY: run_canary}
