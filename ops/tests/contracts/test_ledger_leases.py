"""A lock as a lease: kept alive, lost by who sleeps; a ledger of an earlier version. In SQLite and in PostgreSQL."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gonogo.adapters.ledger import SqlLedger
from gonogo.errors import ConfigurationError, LedgerError, LockLostError
from gonogo.model import EntryKind, Holder, Lease
from tests.contracts.ledgers import AT, entry, ledger_at

pytestmark = pytest.mark.contracts


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return where a new ledger is kept."""
    with ledger_at(request.param, tmp_path) as url:
        yield url


def test_a_lease_is_kept_alive_for_as_long_as_its_process_lives(url: str) -> None:
    """However long a step takes that neither writes nor asks; time is the ledger's."""
    there = Holder(who="me", host="elsewhere", pid=os.getpid(), since=AT, why="", release_id="r1")
    ledger, engine = SqlLedger(url, lease_s=12.0), sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))

    def expires() -> float:
        with engine.connect() as connection:
            return float(connection.exec_driver_sql("SELECT expires FROM gonogo_locks").scalar_one())

    lease = ledger.acquire("prod", there)
    assert isinstance(lease, Lease)
    first = expires()

    # Longer than a busy machine forgets a thread for; a beat is two seconds.
    _until(lambda: expires() > first + 3)

    assert ledger.holder("prod") == there
    ledger.release(lease)
    engine.dispose()


def test_two_machines_never_hold_it_at_once(url: str) -> None:
    """A process elsewhere that falls asleep loses it within its lease; awake again, it writes nothing."""
    sleeper = _Elsewhere(url)
    other = Holder(who="bo", host="here", pid=os.getpid(), since=AT, why="", release_id="r2")
    ledger = SqlLedger(url)
    assert isinstance(ledger.acquire("prod", other), Holder)

    sleeper.process.send_signal(signal.SIGSTOP)
    _until(lambda: isinstance(ledger.acquire("prod", other), Lease))
    sleeper.process.send_signal(signal.SIGCONT)

    assert sleeper.said() == "LockLostError"
    assert ledger.holder("prod") == other
    assert ledger.read("r1") == ()


def test_a_ledger_s_url_is_shown_without_a_password_among_its_options() -> None:
    """Libpq takes it there, too."""
    ledger = SqlLedger("postgresql://u@127.0.0.1:1/ledger?password=never-shown")
    with pytest.raises(LedgerError) as caught:
        ledger.releases("prod")
    assert "never-shown" not in f"{caught.value} {caught.value.where}"


def test_a_ledger_s_url_with_an_odd_port_is_refused_in_words() -> None:
    """Not with a stack trace."""
    with pytest.raises(ConfigurationError, match="URL cannot be used"):
        SqlLedger("postgresql://u:p@h:port/ledger")


def test_who_held_a_ledger_that_was_deleted_holds_nothing_of_the_new_one(url: str) -> None:
    """Another holds it there: the first one's fence is none that the new ledger gives out."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    first, second = SqlLedger(url), SqlLedger(url)
    mine = Holder(who="me", host="elsewhere", pid=1, since=AT, why="", release_id="r1")
    lost = first.acquire("prod", mine)
    assert isinstance(lost, Lease)
    with engine.begin() as connection:
        for table in ("entries", "locks", "fences"):
            connection.exec_driver_sql(f"DROP TABLE gonogo_{table}")
    engine.dispose()

    kept = second.acquire("prod", Holder(who="bo", host="there", pid=2, since=AT, why="", release_id="r2"))
    assert isinstance(kept, Lease)
    with pytest.raises(LockLostError):
        first.check(lost)
    for ledger, lease in ((first, lost), (second, kept)):
        ledger.release(lease)


@pytest.mark.parametrize(("column", "value"), [("data", "'{'"), ("kind", "'nonsense'"), ("at", "'yesterday'")])
def test_a_damaged_entry_is_told_and_not_guessed_at(tmp_path: Path, column: str, value: str) -> None:
    """Somebody edited the file, or a newer version wrote it."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = SqlLedger(url)
    ledger.append(entry("r1"))
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE gonogo_entries SET {column} = {value}")  # noqa: S608  # words of this test
    engine.dispose()

    with pytest.raises(LedgerError, match="release r1 cannot be read"):
        ledger.read("r1")


@pytest.mark.parametrize(
    ("column", "value"),
    [("since", "'yesterday'"), ("pid", "'seven'"), ("started", "x'00'"), ("expires", "'soon'"), ("fence", "'high'")],
)
def test_a_damaged_lock_is_told_and_not_guessed_at(tmp_path: Path, column: str, value: str) -> None:
    """Neither who looks nor who wants it meets a stack trace; what to do is said."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    ledger = SqlLedger(url)
    person = Holder(who="bo", host="here", pid=0, since=AT, why="lunch", release_id="")
    ledger.acquire("prod", person)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE gonogo_locks SET {column} = {value}")  # noqa: S608  # words of this test

    for ask in (lambda: ledger.holder("prod"), lambda: ledger.acquire("prod", person)):
        with pytest.raises(LedgerError, match=f"the lock of prod cannot be read: {column} of its row") as caught:
            ask()
        assert "DELETE FROM gonogo_locks WHERE environment = 'prod'" in caught.value.hint
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM gonogo_locks WHERE environment = 'prod'")
    engine.dispose()
    assert ledger.holder("prod") is None


def test_a_ledger_of_an_earlier_version_is_brought_up_to_date(url: str) -> None:
    """Its entries are read, its lock is believed, and what comes after has a fence."""
    serial = "INTEGER" if url.startswith("sqlite") else "BIGSERIAL"
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True)
    with engine.begin() as connection:
        for statement in _EARLIER:
            said = statement.format(pid=os.getpid(), since=AT.isoformat(), serial=serial)
            connection.exec_driver_sql(said)
    engine.dispose()
    ledger = SqlLedger(url)

    (kept,) = ledger.read("r1")
    assert (kept.kind, kept.data) == (EntryKind.RELEASE_STARTED, {"plan": {"environment": "prod"}})
    old = ledger.holder("prod")
    assert old
    assert (old.release_id, old.fence) == ("r1", 0)
    ledger.release(Lease(environment="prod", fence=old.fence))
    mine = Holder(who="me", host=socket.gethostname(), pid=os.getpid(), since=AT, why="", release_id="r2")
    lease = ledger.acquire("prod", mine)
    assert isinstance(lease, Lease)
    assert ledger.append(entry("r2"), lease=lease).seq > kept.seq


def test_a_process_that_is_dead_and_not_buried_holds_nothing(url: str) -> None:
    """In a container without an init nobody may ever ask how it ended."""
    ended = subprocess.Popen(("true",))
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    mine = Holder(who="me", host=socket.gethostname(), pid=ended.pid, since=AT, why="", release_id="r1")
    SqlLedger(url).acquire("prod", mine)

    assert SqlLedger(url).holder("prod") is None
    ended.wait()


# What the first version has made.
_EARLIER = (
    (
        "CREATE TABLE gonogo_entries (seq {serial} PRIMARY KEY, release_id TEXT NOT NULL, environment TEXT, "
        "at TEXT NOT NULL, kind TEXT NOT NULL, step TEXT, data JSON NOT NULL)"
    ),
    (
        "CREATE TABLE gonogo_locks (environment TEXT PRIMARY KEY, who TEXT NOT NULL, host TEXT NOT NULL, "
        "pid INTEGER NOT NULL, started FLOAT NOT NULL, since TEXT NOT NULL, why TEXT NOT NULL, "
        "release_id TEXT NOT NULL)"
    ),
    (
        "INSERT INTO gonogo_entries (release_id, environment, at, kind, step, data) "
        "VALUES ('r1', 'prod', '{since}', 'release-started', NULL, "
        """'{{"plan": {{"environment": "prod"}}}}')"""
    ),
    "INSERT INTO gonogo_locks VALUES ('prod', 'me', 'elsewhere', {pid}, 1.0, '{since}', 'release 1', 'r1')",
)
_ELSEWHERE = """
import sys, os
from datetime import UTC, datetime
from gonogo.adapters.ledger import SqlLedger
from gonogo.errors import LedgerError, LockLostError
from gonogo.errors import LockLostError
from gonogo.model import Entry, EntryKind, Holder
at = datetime.now(UTC)
ledger = SqlLedger(sys.argv[1], lease_s=5.0)
lease = ledger.acquire("prod", Holder(who="al", host="there", pid=os.getpid(), since=at, why="", release_id="r1"))
print("held", flush=True)
sys.stdin.readline()
try:
    ledger.append(Entry(release_id="r1", at=at, kind=EntryKind.STEP_STARTED, step="migrate"), lease=lease)
except LockLostError:
    print("LockLostError")
else:
    print("written")
"""


class _Elsewhere:
    """A process that holds the lock and believes to be on another host."""

    def __init__(self, url: str) -> None:
        """Return when it holds the lock."""
        self.process = subprocess.Popen(
            (sys.executable, "-c", _ELSEWHERE, url), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == "held\n"

    def said(self) -> str:
        """Let it write, and return how that went."""
        out, _ = self.process.communicate("\n", timeout=60)
        return out.strip()


def _until(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + 120
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
