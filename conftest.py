"""Real servers for every test: one PostgreSQL and one Redis per run, gone after its last test.

TEST_DATABASE_URL and TEST_REDIS_URL, when set, are used instead. A killed run's servers are cleaned up by the next run.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from hypothesis import HealthCheck, settings

from gonogo.local import ports, postgres, processes, redis
from gonogo.local.providers import hosting

# pytest --hypothesis-profile=NAME. How fast a machine is proves nothing, so that no example is too slow, nor is drawing
# one; two runs try the same examples, and large looks for others each time.
_SLOW = tuple(each for each in HealthCheck if each.name in {"too_slow", "function_scoped_fixture"})
settings.register_profile("usual", deadline=None, database=None, derandomize=True, suppress_health_check=_SLOW)
settings.load_profile("usual")
settings.register_profile("contracts", max_examples=2_000)
settings.register_profile("large", max_examples=50_000, derandomize=False)
_FOLDER = Path(__file__).parent / ".gonogo" / "tests"


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers in the process that starts the others; those find the addresses in their environment."""
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    _sweep()
    folder = _FOLDER / str(os.getpid())
    os.environ["TEST_FOLDER"] = str(folder)
    if "TEST_DATABASE_URL" not in os.environ:
        os.environ["TEST_DATABASE_URL"] = postgres.start(folder / "postgres", durable=False).url
    if "TEST_REDIS_URL" not in os.environ:
        os.environ["TEST_REDIS_URL"] = redis.start(folder / "redis").url


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put whole releases first: begun last, one of them would run for minutes while the other processes are idle."""
    items.sort(key=lambda item: "acceptance" not in item.path.parts)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop them again."""
    if not hasattr(config, "workerinput"):
        _remove(_FOLDER / str(os.getpid()))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the tables that tests have recorded: what they hold is part of what a run has proven."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if isinstance(value, str) and "\n" in value:
                terminalreporter.section(name)
                terminalreporter.write_line(value)


def _sweep() -> None:
    """Remove the servers of runs that were killed."""
    for folder in _FOLDER.glob("[0-9]*"):
        if not psutil.pid_exists(int(folder.name)):
            _remove(folder)


def _remove(folder: Path) -> None:
    """Stop a run's servers and remove their files."""
    if not folder.exists():
        return
    for each in (folder, *folder.glob("own-*")):
        postgres.stop(each / "postgres")
        redis.stop(each / "redis")
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnServers:
    """Servers of one test's own, which it may stop.

    Attributes:
        database_url: An empty database.
        redis_url: An empty Redis; stopped and started again it keeps its address and nothing else.
        folder: Where they live.
    """

    database_url: str
    redis_url: str
    folder: Path

    def restart_postgres(self) -> None:
        """Stop PostgreSQL as its operator would, and start it again."""
        postgres.stop(self.folder / "postgres")
        postgres.start(self.folder / "postgres", durable=False)

    def stop_redis(self) -> None:
        """Kill Redis."""
        processes.sweep(self.folder / "redis" / "processes")

    def start_redis(self) -> None:
        """Start Redis again."""
        redis.start(self.folder / "redis")


def free_port() -> int:
    """Return a port that nobody listens on, and that is given to nobody else for a minute."""
    return ports.reserve()


@pytest.fixture
def own_servers() -> Iterator[OwnServers]:
    """Return a PostgreSQL and a Redis that nobody else uses; gone at the end."""
    folder = Path(os.environ["TEST_FOLDER"]) / f"own-{uuid4().hex[:8]}"
    try:
        server = postgres.start(folder / "postgres", durable=False)
        url = postgres.create_database(server.url, "own")
        yield OwnServers(database_url=url, redis_url=redis.start(folder / "redis").url, folder=folder)
    finally:
        _remove(folder)


@pytest.fixture(scope="session")
def provider_standins() -> Iterator[hosting.Thread]:
    """Return the providers' stand-ins of this process; they start with the first test that asks for one."""
    thread = hosting.Thread()
    yield thread
    thread.close()


@pytest.fixture
def xai_url(provider_standins: hosting.Thread) -> Iterator[str]:
    """Return where an xAI is that nobody has used; its API is below /v1."""
    yield from _fresh(provider_standins, "xai")


@pytest.fixture
def todoist_url(provider_standins: hosting.Thread) -> Iterator[str]:
    """Return where a Todoist is that nobody has used; its API is below /api/v1."""
    yield from _fresh(provider_standins, "todoist")


@pytest.fixture
def telegram_url(provider_standins: hosting.Thread) -> Iterator[str]:
    """Return where a Telegram is that nobody has used; methods are below /bot<token>/."""
    yield from _fresh(provider_standins, "telegram")


def _fresh(standins: hosting.Thread, name: str) -> Iterator[str]:
    standins.reset(name)
    yield standins.url(name)
    standins.reset(name)
