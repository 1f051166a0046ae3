"""Start the worker: python -m backend.worker.main."""

import asyncio
import os
import secrets
import signal
import socket
from collections.abc import Mapping
from datetime import timedelta

import uvloop
from prometheus_client import start_http_server

from backend.core import logging
from backend.core.build import BUILD_FILE, read_build
from backend.core.environment import Environment, load_or_exit
from backend.db.engine import create_engine
from backend.db.revisions import read_revisions
from backend.db.unit_of_work import Database
from backend.features.capture import jobs as capture_jobs
from backend.features.jobs import jobs as job_jobs
from backend.jobs.records import Kind, WorkerIdentity
from backend.jobs.runner import Limits, Runner
from backend.jobs.schedules import Schedule
from backend.jobs.transport import Transport
from backend.worker.service import Pace, Worker

KINDS: dict[str, Kind] = {**capture_jobs.KINDS, **job_jobs.KINDS}
_RENEWALS_PER_LEASE = 3
_RENEW_MAX_S = 5.0
_UPKEEP_S = 10.0
# Claims, leases and heartbeats must not wait for a job to give its connection back.
_OWN_CONNECTIONS = 3
_logger = logging.get_logger(__name__)


def create_worker(environment: Environment, kinds: Mapping[str, Kind] = KINDS) -> Worker:
    """Return a worker that has connected to nothing yet.

    Args:
        environment: The settings.
        kinds: By name, how each kind of job is run.
    """
    identity = _identity(environment)
    database = _database(environment, identity)
    lease = timedelta(seconds=environment.job_lease_seconds)
    return Worker(
        identity=identity,
        database=database,
        transport=Transport(environment.redis_url.get_secret_value(), queue_name=environment.queue_name),
        runner=Runner(
            database=database,
            kinds=kinds,
            worker=identity,
            limits=Limits(concurrency=environment.worker_concurrency, lease=lease),
        ),
        revisions=read_revisions(),
        pace=_pace(environment),
        schedules=_schedules(environment),
        ready_file=environment.worker_ready_file,
    )


def _database(environment: Environment, identity: WorkerIdentity) -> Database:
    size = environment.worker_concurrency + _OWN_CONNECTIONS
    url = environment.database_url.get_secret_value()
    engine = create_engine(url, pool_size=size, application_name=f"worker {identity.build.version}")
    return Database(engine, kept=environment.worker_concurrency)


def _schedules(environment: Environment) -> tuple[Schedule, ...]:
    payload = {"days": environment.job_retention_days, "dead_days": environment.job_dead_retention_days}
    name = job_jobs.RETENTION
    return (Schedule(name=name, kind=name, cron=environment.job_retention_cron, payload=payload),)


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
        renew_s=min(environment.job_lease_seconds / _RENEWALS_PER_LEASE, _RENEW_MAX_S),
        upkeep_s=min(environment.worker_poll_seconds * 10, _UPKEEP_S),
        grace=timedelta(seconds=environment.worker_grace_seconds),
    )


async def work(environment: Environment, kinds: Mapping[str, Kind] = KINDS) -> None:
    """Work until the process is told to end.

    Args:
        environment: The settings.
        kinds: By name, how each kind of job is run.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    worker = create_worker(environment, kinds)
    if environment.worker_metrics_port:
        start_http_server(
            environment.worker_metrics_port, environment.worker_metrics_host, worker.runner.counts.registry
        )
    try:
        await worker.run(stop)
    finally:
        await worker.transport.close()
        await worker.database.close()


def main(kinds: Mapping[str, Kind] = KINDS) -> None:
    """Read the settings, then work.

    Args:
        kinds: By name, how each kind of job is run.
    """
    environment = load_or_exit(Environment)
    logging.configure(environment)
    try:
        uvloop.run(work(environment, kinds))
    except Exception as error:  # noqa: BLE001 -- the last stand before the process ends
        _logger.critical("worker.crashed", error=type(error).__name__, where=logging.place_of(error))
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
