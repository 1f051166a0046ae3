"""Everything that touches an environment's servers, through a tunnel: it works, and it survives the tunnel's loss."""

import sys
import threading
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from gonogo import bootstrap, reach
from gonogo.adapters import postgres, tunnels
from gonogo.adapters.postgres import connected
from gonogo.adapters.tunnels import Calls, through
from gonogo.errors import AnswerLostError, RefusedError
from gonogo.local.waiting import until
from gonogo.model import Checkout, Commands, Config, Target
from tests.contracts import databases
from tests.contracts.test_database import scratch_for
from tests.contracts.test_migrations import ENV, INI, REVISION
from tests.tunnels.sshd import Sshd

SUITE = """
import os
import psycopg
from redis import Redis

def test_database() -> None:
    url = os.environ["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        assert connection.info.hostaddr == "127.0.0.1", url

def test_redis() -> None:
    with Redis.from_url(os.environ["REDIS_URL"]) as redis:
        assert redis.ping()
"""
ALEMBIC = ("{python}", "-m", "alembic", "-c", "alembic.ini")
PYTEST = ("{python}", "-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", ".", "-p", "no:cacheprovider", "suite.py")


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    """Return a checkout with one migration, which takes its time, and a smoke suite."""
    path = tmp_path / "checkout"
    (path / "migrations" / "versions").mkdir(parents=True)
    (path / "alembic.ini").write_text(INI)
    (path / "migrations" / "env.py").write_text(ENV)
    (path / "suite.py").write_text(SUITE)
    write_revision(path, "CREATE TABLE things (id int)")
    return Checkout(commit="c" * 40, path=path, python=Path(sys.executable))


@pytest.fixture
def there(behind: Config, monkeypatch: pytest.MonkeyPatch) -> Config:
    """Return the environment with commands that fit the checkout."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    commands = Commands(migrate=ALEMBIC, migrations="alembic.ini", smoke=PYTEST, backup=("sh", "ops/backup_db.sh"))
    return replace(behind, commands=commands)


def write_revision(path: Path, up: str) -> None:
    """Write the checkout's migration."""
    words = {"name": "r1", "before": None, "kind": "expand", "reversible": True, "up": up, "down": "SELECT 1"}
    (path / "migrations" / "versions" / "r1.py").write_text(REVISION.format_map(words))


def test_a_release_reaches_everything_through_one_client(there: Config, sshd: Sshd, checkout: Checkout) -> None:
    """The database, a dump with the server's own tools, a migration's process, a smoke suite's: one ssh for all."""
    world = bootstrap.observed(there)

    assert sshd.clients() == []
    world.migrations.upgrade(checkout, "r1")
    backup = world.backups.take("one")
    suite = world.smoke.run(checkout)

    assert world.database.revision() == "r1"
    assert backup.row_counts == {"public.alembic_version": 1, "public.things": 0}
    scratch = scratch_for(there.target.database_url.reveal())
    assert world.database.restore(backup, scratch) == backup.row_counts
    world.database.drop_scratch(scratch)
    assert (suite.exit_code, suite.passed) == (0, 2), suite.output
    assert len([line for line in sshd.clients() if "leash" not in line]) == 1


def test_what_needs_no_server_opens_no_tunnel(there: Config, sshd: Sshd, checkout: Checkout) -> None:
    """The revisions of a checkout and the backups in a folder are read without one."""
    world = bootstrap.observed(there)

    assert world.migrations.history(checkout).heads == ("r1",)
    assert world.backups.find("none") is None
    assert sshd.clients() == []


def test_a_tunnel_that_was_lost_between_two_calls_is_made_again(there: Config, sshd: Sshd) -> None:
    """The next call finds the database as if nothing had been."""
    world = bootstrap.observed(there)
    assert world.database.revision() is None

    sshd.stop()
    sshd.start()

    assert world.database.revision() is None


def test_what_only_asks_is_asked_again_when_the_tunnel_is_lost_under_it(behind: Config, sshd: Sshd) -> None:
    """A query that dies with the tunnel is sent again over the next one."""
    asked = through(behind.target, lambda at: Asking(at, sshd), Calls(repeatable=("number",)))

    assert asked.number() == 42
    assert Asking.calls.pop(id(sshd)) == 2


class Asking:
    """A port whose first call loses its tunnel half-way."""

    calls: dict[int, int] = {}  # noqa: RUF012  # by server: a new port is made for each call

    def __init__(self, target: Target, sshd: Sshd) -> None:
        """Take the way."""
        self.target = target
        self.sshd = sshd

    def number(self) -> int:
        """Ask for a number, and lose the tunnel meanwhile at the first time."""
        self.calls[id(self.sshd)] = self.calls.get(id(self.sshd), 0) + 1
        with connected(self.target.database_url) as connection:
            if self.calls[id(self.sshd)] == 1:
                self.sshd.stop()
                self.sshd.start()
            row = connection.execute("SELECT 42").fetchone()
        return int(row[0]) if row else 0


def test_a_tunnel_that_fell_silent_is_not_taken_for_the_database(
    behind: Config, sshd: Sshd, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its client is given the time to notice; then there is another one, and the question is asked again."""
    brisk = (*tunnels._OPTIONS[:-2], "ServerAliveCountMax=2", "ServerAliveInterval=1")
    for name, value in {"_OPTIONS": brisk, "_KNOCK_S": 0.5, "_SLOW_S": 1.5, "_SILENT_S": 60.0}.items():
        monkeypatch.setattr(tunnels, name, value)
    monkeypatch.setattr(postgres, "_CONNECT_S", 10)
    world = bootstrap.observed(behind)
    assert world.database.revision() is None

    with sshd.silent():
        assert world.database.revision() is None


def test_a_migration_whose_tunnel_is_lost_is_not_repeated(there: Config, sshd: Sshd, checkout: Checkout) -> None:
    """It may have happened, and is told so; the schema says what is, and a second upgrade is somebody's decision."""
    write_revision(checkout.path, "SELECT pg_sleep(60)")
    world = bootstrap.observed(there)
    ended: list[BaseException] = []

    def upgrade() -> None:
        try:
            world.migrations.upgrade(checkout, "r1")
        except AnswerLostError as error:
            ended.append(error)

    running = threading.Thread(target=upgrade)
    running.start()
    sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
    url = there.target.database_url.reveal()
    until(lambda: databases.one(url, sleeping) == 1, "the migration", seconds=120)
    sshd.stop()
    running.join(120)

    (error,) = ended
    assert isinstance(error, AnswerLostError)
    assert (error.reference, error.exit_code) == ("tunnel-lost", 7)
    assert "'upgrade' was under way, and may have happened" in error.why
    assert databases.one(url, sleeping) == 1  # not sent a second time
    databases.run(url, sleeping.replace("count(*)", "pg_terminate_backend(pid)"))
    sshd.start()
    assert world.database.revision() is None


def test_the_databases_own_refusal_stays_its_own(there: Config, checkout: Checkout) -> None:
    """A migration that fails is told as one that failed, whatever it went through."""
    write_revision(checkout.path, "SELECT 1/0")

    with pytest.raises(RefusedError, match="division by zero"):
        bootstrap.observed(there).migrations.upgrade(checkout, "r1")


def test_a_certificates_name_is_still_checked_against_the_name_that_was_given(behind: Config, sshd: Sshd) -> None:
    """Libpq gets the name as `host` and the tunnel as `hostaddr`, and refuses a server without a certificate."""
    name = "postgresql://me:pw@db.internal:5432/app?sslmode=verify-full"
    ports = {"database": 6000}
    given = behind.target.database_url
    led = reach.through(replace(behind.target, database_url=type(given)(given.name, name)), ports)

    told = psycopg.conninfo.conninfo_to_dict(led.database_url.reveal())

    assert (told["host"], told["hostaddr"], told["port"]) == ("db.internal", "127.0.0.1", "6000")
    assert sshd.clients() == []


def test_a_tunnel_that_is_closed_leaves_nothing_behind(behind: Config, sshd: Sshd) -> None:
    """Neither the client nor what keeps it, and a port that is free again."""
    assert behind.target.ssh is not None
    tunnel = tunnels.Tunnel(behind.target.ssh, reach.carried(behind.target))
    ports = tunnel.enter().ports
    assert len(sshd.clients()) == 2

    tunnel.close()

    until(lambda: not sshd.clients(), "its clients are gone", seconds=120)
    assert sorted(ports) == ["database", "redis"]
