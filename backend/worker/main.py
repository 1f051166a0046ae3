"""Start the worker: python -m backend.worker.main."""

import asyncio
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from datetime import timedelta

import uvloop
from prometheus_client import start_http_server

from backend.core import logging
from backend.core.build import BUILD_FILE, read_build
from backend.core.environment import Environment, give_up, load_or_exit
from backend.core.errors import ConfigurationError
from backend.core.fingerprint import fingerprint_of, secrets_of
from backend.db.engine import create_engine
from backend.db.revisions import read_revisions
from backend.db.unit_of_work import Database
from backend.jobs import heartbeat
from backend.jobs.counts import Counts
from backend.jobs.records import Kind, WorkerIdentity
from backend.jobs.runner import Limits, Runner
from backend.jobs.transport import Transport
from backend.worker import recurring
from backend.worker.kinds import gather
from backend.worker.service import Pace, Worker
from backend.worker.tools import open_tools

_RENEWALS_PER_LEASE = 3
_BEATS_PER_SILENCE = 3
_RENEW_MAX_S = 5.0
_UPKEEP_S = 15.0
# Claims, leases and heartbeats must not wait for a job to give its connection back.
_OWN_CONNECTIONS = 3
# A stop takes at most so much longer than the grace period, of which closing what is open may take these.
MARGIN_S = 8.0
_CLOSE_S = 3.0
# The server cuts names of sessions at 63 bytes; this leaves room for what makes a worker's id unique.
_HOST_LENGTH = 40
_logger = logging.get_logger(__name__)


def create_worker(environment: Environment, kinds: Mapping[str, Kind] | None = None) -> Worker:
    """Return a worker that has connected to nothing yet.

    Args:
        environment: The settings.
        kinds: By name, how each kind of job is run; None is all that this build knows.
    """
    identity, counts = _identity(environment), Counts()
    session_name = heartbeat.session_name(identity.id)
    tools = None
    if kinds is None:
        tools = open_tools(environment, identity.build, session_name=session_name, registry=counts.registry)
        kinds = gather(tools)
    database = _database(environment, kinds, session_name=session_name)
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
            counts=counts,
        ),
        revisions=read_revisions(),
        pace=_pace(environment),
        schedules=recurring.declared(environment),
        ready_file=environment.worker_ready_file,
        tools=tools,
    )


def _database(environment: Environment, kinds: Mapping[str, Kind], *, session_name: str) -> Database:
    engine = create_engine(
        environment.database_url.get_secret_value(),
        pool_size=environment.worker_concurrency + _OWN_CONNECTIONS,
        application_name=session_name,
        session=_session(environment, kinds),
    )
    return Database(engine, kept=environment.worker_concurrency)


def _session(environment: Environment, kinds: Mapping[str, Kind]) -> dict[str, str]:
    # A worker that froze, or whose host is gone, must not keep rows locked: the server ends its sessions. A job may be
    # idle in its transaction while it waits for somebody else, but no longer than its kind may take.
    lease_s = environment.job_lease_seconds
    longest_s = max((kind.timeout.total_seconds() for kind in kinds.values()), default=0) + lease_s
    probe_s = str(max(1, round(lease_s / 6)))
    return {
        "idle_in_transaction_session_timeout": str(round(longest_s * 1000)),
        "tcp_keepalives_idle": str(max(1, round(lease_s / 3))),
        "tcp_keepalives_interval": probe_s,
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": str(round(lease_s * 1000)),
    }


def _identity(environment: Environment) -> WorkerIdentity:
    host = socket.gethostname()
    return WorkerIdentity(
        id=f"{host[:_HOST_LENGTH]}-{os.getpid()}-{secrets.token_hex(3)}",
        host=host,
        pid=os.getpid(),
        build=read_build(BUILD_FILE, environment.source_commit),
        fingerprint=fingerprint_of(environment),
        secrets=secrets_of(environment),
    )


def _pace(environment: Environment) -> Pace:
    return Pace(
        heartbeat_s=environment.worker_heartbeat_seconds,
        poll_s=environment.worker_poll_seconds,
        renew_s=min(environment.job_lease_seconds / _RENEWALS_PER_LEASE, _RENEW_MAX_S),
        silence=timedelta(
            seconds=max(environment.job_lease_seconds, environment.worker_heartbeat_seconds * _BEATS_PER_SILENCE)
        ),
        upkeep_s=min(environment.worker_poll_seconds * 15, _UPKEEP_S),
        grace=timedelta(seconds=environment.worker_grace_seconds),
    )


async def work(
    environment: Environment, kinds: Mapping[str, Kind] | None = None, *, margin_s: float = MARGIN_S
) -> None:
    """Work until the process is told to end.

    Args:
        environment: The settings.
        kinds: By name, how each kind of job is run; None is all that this build knows.
        margin_s: How long after the grace period the process is ended by force.

    Raises:
        ConfigurationError: The counts cannot be shown where the settings say.
    """
    stop = asyncio.Event()
    asyncio.get_running_loop().set_exception_handler(_log_stray)
    worker = create_worker(environment, kinds)
    _show_counts(environment, worker)
    _heed_signals(stop, longest_s=environment.worker_grace_seconds + margin_s)
    try:
        await worker.run(stop)
    finally:
        _end_hard_after(_CLOSE_S)
        await worker.transport.close()
        await worker.database.close()


def _show_counts(environment: Environment, worker: Worker) -> None:
    port, host = environment.worker_metrics_port, environment.worker_metrics_host
    if port is None:
        return
    try:
        start_http_server(port, host, worker.runner.counts.registry)
    except OSError as error:
        problem = (
            f"WORKER_METRICS_PORT {port} cannot be listened on at WORKER_METRICS_HOST {host} ({error.strerror});"
            " choose a port that is free, or leave it out and no counts are shown"
        )
        raise ConfigurationError((problem,)) from None


def _heed_signals(stop: asyncio.Event, *, longest_s: float) -> None:
    loop = asyncio.get_running_loop()

    def heed(_number: int, _frame: object) -> None:
        if not stop.is_set():
            _end_hard_after(longest_s)
        loop.call_soon_threadsafe(stop.set)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, heed)


def _end_hard_after(seconds: float) -> None:
    # By a thread: a job may block the loop, refuse to be cancelled, or wait in a thread that is joined at the exit.
    last = threading.Timer(seconds, _end_hard)
    last.daemon = True
    last.start()


def _end_hard() -> None:
    _logger.error("worker.stop_overran", effect="ended by force; jobs under way are taken back by their leases")
    sys.stdout.flush()
    os._exit(1)


def _log_stray(_loop: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
    # Not its message: a handler's own words may hold anything.
    error = context.get("exception")
    if isinstance(error, BaseException):
        _logger.error("worker.stray_error", error=type(error).__name__, where=logging.place_of(error))
    else:
        _logger.error("worker.stray_error", error="none", where="unknown")


def main(kinds: Mapping[str, Kind] | None = None, *, margin_s: float = MARGIN_S) -> None:
    """Read the settings, then work.

    Args:
        kinds: By name, how each kind of job is run; None is all that this build knows.
        margin_s: How long after the grace period the process is ended by force.
    """
    environment = load_or_exit(Environment)
    logging.configure(environment)
    try:
        uvloop.run(work(environment, kinds, margin_s=margin_s))
    except ConfigurationError as error:
        give_up(error)
    except Exception as error:  # noqa: BLE001 -- the last stand before the process ends
        _logger.critical("worker.crashed", error=type(error).__name__, where=logging.place_of(error))
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
