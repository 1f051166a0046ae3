"""Start the worker: python -m backend.worker.main."""

import asyncio
import os
import secrets
import signal
import socket
from datetime import timedelta

from backend.core import logging
from backend.core.build import BUILD_FILE, read_build
from backend.core.environment import Environment, load_or_exit
from backend.db.engine import engine_for
from backend.db.revisions import read_revisions
from backend.db.unit_of_work import Database
from backend.features.capture import jobs as capture_jobs
from backend.features.jobs import jobs as job_jobs
from backend.jobs.records import Handler, WorkerIdentity
from backend.jobs.runner import Limits, Runner
from backend.jobs.transport import Transport
from backend.worker.service import Pace, Worker

HANDLERS: dict[str, Handler] = {**capture_jobs.HANDLERS, **job_jobs.HANDLERS}
_RENEWALS_PER_LEASE = 3
_logger = logging.get_logger(__name__)


def create_worker(environment: Environment) -> Worker:
    """Return a worker that has connected to nothing yet.

    Args:
        environment: The settings.
    """
    identity = _identity(environment)
    database = Database(engine_for(environment, application_name=f"worker {identity.build.version}"))
    lease = timedelta(seconds=environment.job_lease_seconds)
    return Worker(
        identity=identity,
        database=database,
        transport=Transport(environment.redis_url.get_secret_value(), queue_name=environment.queue_name),
        runner=Runner(
            database=database,
            handlers=HANDLERS,
            worker=identity,
            limits=Limits(concurrency=environment.worker_concurrency, lease=lease),
        ),
        revisions=read_revisions(),
        pace=_pace(environment),
    )


def _identity(environment: Environment) -> WorkerIdentity:
    host = socket.gethostname()
    return WorkerIdentity(
        id=f"{host}-{os.getpid()}-{secrets.token_hex(3)}",
        host=host,
        pid=os.getpid(),
        build=read_build(BUILD_FILE, environment.source_commit),
    )


def _pace(environment: Environment) -> Pace:
    return Pace(
        heartbeat_s=environment.worker_heartbeat_seconds,
        poll_s=environment.worker_poll_seconds,
        renew_s=environment.job_lease_seconds / _RENEWALS_PER_LEASE,
        grace=timedelta(seconds=environment.worker_grace_seconds),
    )


async def work(environment: Environment) -> None:
    """Work until the process is told to end.

    Args:
        environment: The settings.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    worker = create_worker(environment)
    try:
        await worker.run(stop)
    finally:
        await worker.transport.close()
        await worker.database.close()


def main() -> None:
    """Read the settings, then work."""
    environment = load_or_exit(Environment)
    logging.configure(environment)
    try:
        asyncio.run(work(environment))
    except Exception as error:  # noqa: BLE001 -- the last stand before the process ends
        _logger.critical("worker.crashed", error=type(error).__name__, where=logging.place_of(error))
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
