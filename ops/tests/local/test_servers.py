"""PostgreSQL and Redis start and stop as often as asked, whatever a killed run left behind."""

import os
import shutil
import signal
import warnings
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from gonogo.local import postgres, processes, redis
from gonogo.local.waiting import until


@pytest.fixture(scope="module")
def data(shared: Path) -> Iterator[Path]:
    """Return a data folder that the module's tests start and stop as they like."""
    yield shared / "data"
    postgres.stop(shared / "data")


@pytest.fixture
def server(data: Path) -> postgres.PostgresServer:
    """Return a server that runs."""
    return postgres.start(data, durable=False)


def postmaster(server: postgres.PostgresServer) -> int:
    """Return the pid that the server wrote down."""
    return int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])


def test_start_and_stop_may_be_repeated(server: postgres.PostgresServer) -> None:
    """A second start finds the first server; a second stop finds none."""
    first = postmaster(server)
    assert postgres.start(server.data_dir) == server
    assert postmaster(server) == first
    for _ in range(2):
        postgres.stop(server.data_dir)
    assert not psutil.pid_exists(first) or psutil.Process(first).status() == psutil.STATUS_ZOMBIE


def test_it_is_postgres_18_on_a_socket_only(server: postgres.PostgresServer) -> None:
    """Version 18 answers, no address is listened on, and its tools are beside it."""
    with psycopg.connect(server.url) as connection:
        assert connection.info.server_version // 10000 == 18
        assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
    assert (server.bin_dir / "pg_dump").exists()


def test_nobody_else_may_enter_the_sockets_folder(server: postgres.PostgresServer) -> None:
    """The server asks for no password, so only the folder keeps others out."""
    assert server.data_dir.stat().st_mode & 0o077 == 0


def test_data_survives_a_killed_server(server: postgres.PostgresServer) -> None:
    """After kill -9 the next start cleans up and finds the data."""
    url = postgres.create_database(server.url, "kept")
    os.kill(postmaster(server), signal.SIGKILL)
    assert postgres.start(server.data_dir).url == server.url
    assert postgres.answers(url)


def test_a_stale_pid_file_that_names_a_stranger_is_ignored(server: postgres.PostgresServer) -> None:
    """A pid that belongs to somebody else by now stops neither start nor stop, and is not signalled."""
    text = (server.data_dir / "postmaster.pid").read_text()
    pid = postmaster(server)
    postgres.stop(server.data_dir)
    (server.data_dir / "postmaster.pid").write_text(text.replace(str(pid), str(os.getpid()), 1))
    assert postgres.answers(postgres.start(server.data_dir).url)


def test_an_initdb_that_was_killed_is_made_again(folder: Path) -> None:
    """A half-made folder is no data folder."""
    (folder / "data.new").mkdir()
    (folder / "data.new" / "PG_VERSION").write_text("18")
    assert postgres.answers(postgres.start(folder / "data").url)
    postgres.stop(folder / "data")


def test_a_path_too_long_for_a_socket_gets_a_short_one(folder: Path) -> None:
    """The short folder is private, and goes with the server."""
    server = postgres.start(folder / ("long" * 25) / "data", durable=False)
    sockets = Path(server.url.partition("host=")[2])
    assert postgres.answers(server.url)
    assert sockets.stat().st_mode & 0o077 == 0
    postgres.stop(server.data_dir)
    assert not sockets.exists()


def test_a_database_can_be_made_and_dropped_twice(server: postgres.PostgresServer) -> None:
    """Both are idempotent, and dropping does not ask who is connected."""
    urls = {postgres.create_database(server.url, "twice") for _ in range(2)}
    (url,) = urls
    with psycopg.connect(url):
        for _ in range(2):
            postgres.drop_database(server.url, "twice")
    assert not postgres.answers(url)


def test_the_package_is_found_without_its_warning() -> None:
    """Asking for the programs warns nobody, whatever the session lacks."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (postgres.bin_dir() / "initdb").exists()


def test_redis_starts_once_and_stops_twice(folder: Path) -> None:
    """A second start finds the first server; after stop nothing answers."""
    first = redis.start(folder)
    assert redis.start(folder).url == first.url
    for _ in range(2):
        redis.stop(folder)
    assert not redis.answers(first.url)


def test_redis_keeps_its_password_to_itself(folder: Path) -> None:
    """The password is in no command line and in no readable file; without it nobody gets in."""
    url = redis.start(folder).url
    password = url.partition(":@")[2] or url.split(":")[2].split("@")[0]
    entry = processes.find(folder / "processes", "redis")
    assert entry is not None
    assert password not in " ".join(psutil.Process(entry.pid).cmdline())
    assert (folder / "redis.conf").stat().st_mode & 0o077 == 0
    assert not redis.answers(url.replace(password, "wrong"))
    redis.stop(folder)


def test_a_killed_redis_comes_back_at_its_address(folder: Path) -> None:
    """Whoever was told the address finds the next server there."""
    first = redis.start(folder)
    entry = processes.find(folder / "processes", "redis")
    assert entry is not None
    os.kill(entry.pid, signal.SIGKILL)
    until(lambda: not redis.answers(first.url), "the end of Redis", seconds=60)
    assert redis.start(folder).url == first.url
    redis.stop(folder)


def test_the_machines_own_redis_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on PATH is taken before the one in the wheel."""
    own = folder / "valkey-server"
    own.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert redis.executable() == str(own)
    monkeypatch.setenv("PATH", "")
    assert shutil.which(redis.executable())
