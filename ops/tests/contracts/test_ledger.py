"""The port Ledger: in memory, in a SQLite file, in PostgreSQL."""

import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gonogo.adapters.ledger import SqlLedger
from gonogo.errors import LedgerError
from gonogo.model import JSON, Entry, EntryKind, Holder
from gonogo.protocols import Ledger
from gonogo.testing import MemoryLedger, Scene
from tests.contracts import databases

pytestmark = pytest.mark.contracts

AT = datetime(2026, 1, 1, 12, 30, 15, 123456, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A ledger, and processes that may hold its lock.

    Attributes:
        again: returns the same ledger as another process sees it.
        alive: two processes that run.
        dead: one that has ended.
    """

    ledger: Ledger
    again: Callable[[], Ledger]
    alive: tuple[int, int]
    dead: int

    def holder(self, release_id: str, pid: int, host: str | None = None) -> Holder:
        """Return a process that releases."""
        at = host or socket.gethostname()
        return Holder(who=f"me@{at}", host=at, pid=pid, since=AT, why="release of abc", release_id=release_id)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    """Return an empty ledger."""
    if request.param == "memory":
        scene = Scene(dead={9})
        yield Bench(
            ledger=MemoryLedger(scene),
            again=lambda: MemoryLedger(scene),
            alive=(1, 2),
            dead=9,
        )
        return
    with _url(request.param, tmp_path) as url:
        yield Bench(
            ledger=SqlLedger(url),
            again=lambda: SqlLedger(url),
            alive=(os.getpid(), os.getppid()),
            dead=_dead(),
        )


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return where a new ledger is kept."""
    with _url(request.param, tmp_path) as url:
        yield url


@contextmanager
def _url(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/deep/down/ledger.db"
        return
    with databases.created() as url:
        yield url


def _dead() -> int:
    """Return the id of a process that has ended."""
    ended = subprocess.Popen(("true",))
    ended.wait()
    return ended.pid


def entry(release_id: str, kind: EntryKind = EntryKind.STEP_DONE, **data: JSON) -> Entry:
    """Return an entry that was not stored yet."""
    return Entry(release_id=release_id, at=AT, kind=kind, step="backup", data=data)


def started(release_id: str, environment: str) -> Entry:
    """Return the entry with which a release begins."""
    return entry(release_id, EntryKind.RELEASE_STARTED, plan={"environment": environment})


class TestEntries:
    """append, read, releases."""

    def test_an_entry_comes_back_as_it_was(self, bench: Bench) -> None:
        """With its time to the microsecond, its zone, its nested data."""
        data: dict[str, JSON] = {"notes": {"id": "d1", "n": [1, 2.5, None, True]}, "text": 'ü "quoted"'}
        stored = bench.ledger.append(replace(entry("r1"), data=data))

        (found,) = bench.again().read("r1")

        assert found == stored
        assert (found.at, found.kind, found.step, found.data) == (AT, EntryKind.STEP_DONE, "backup", data)

    def test_positions_ascend(self, bench: Bench) -> None:
        """Across releases."""
        positions = [bench.ledger.append(entry(name)).seq for name in ("r1", "r2", "r1")]

        assert positions == sorted(set(positions))
        assert positions[0] > 0

    def test_a_release_is_read_oldest_first_and_alone(self, bench: Bench) -> None:
        """In the order in which it was written."""
        for name, number in (("r1", 1), ("r2", 2), ("r1", 3)):
            bench.ledger.append(entry(name, number=number))

        assert [each.data["number"] for each in bench.ledger.read("r1")] == [1, 3]

    def test_an_unknown_release_has_no_entries(self, bench: Bench) -> None:
        """That is not an error."""
        assert bench.ledger.read("unknown") == ()

    def test_releases_are_listed_newest_first_by_environment(self, bench: Bench) -> None:
        """Each once, however many entries it has."""
        for name, environment in (("r1", "prod"), ("r2", "staging"), ("r3", "prod")):
            bench.ledger.append(started(name, environment))
            bench.ledger.append(entry(name))

        assert bench.ledger.releases("prod") == ("r3", "r1")
        assert bench.ledger.releases("nowhere") == ()


class TestLock:
    """acquire, release, holder."""

    def test_a_free_lock_is_taken(self, bench: Bench) -> None:
        """And everybody sees who has it."""
        mine = bench.holder("r1", bench.alive[0])

        assert bench.ledger.acquire("prod", mine) is None
        assert bench.again().holder("prod") == mine

    def test_a_free_lock_has_no_holder(self, bench: Bench) -> None:
        """Asking is not taking."""
        assert bench.ledger.holder("prod") is None

    def test_a_second_release_is_told_who_has_it(self, bench: Bench) -> None:
        """And changes nothing."""
        mine = bench.holder("r1", bench.alive[0])
        bench.ledger.acquire("prod", mine)

        assert bench.again().acquire("prod", bench.holder("r2", bench.alive[1])) == mine
        assert bench.ledger.holder("prod") == mine

    def test_the_same_release_from_another_live_process_is_refused(self, bench: Bench) -> None:
        """Nobody resumes what is still being run."""
        mine = bench.holder("r1", bench.alive[0])
        bench.ledger.acquire("prod", mine)

        assert bench.again().acquire("prod", bench.holder("r1", bench.alive[1])) == mine

    def test_the_same_holder_may_take_it_again(self, bench: Bench) -> None:
        """A second try is no conflict."""
        mine = bench.holder("r1", bench.alive[0])
        bench.ledger.acquire("prod", mine)

        assert bench.ledger.acquire("prod", mine) is None

    @pytest.mark.parametrize("release_id", ["r1", "r2"])
    def test_what_a_dead_process_holds_is_free(self, bench: Bench, release_id: str) -> None:
        """For the resumed release, and for another one."""
        bench.ledger.acquire("prod", bench.holder("r1", bench.dead))
        mine = bench.holder(release_id, bench.alive[0])

        assert bench.ledger.holder("prod") is None
        assert bench.ledger.acquire("prod", mine) is None
        assert bench.ledger.holder("prod") == mine

    def test_a_release_by_another_id_is_ignored(self, bench: Bench) -> None:
        """Nobody gives away what is somebody else's."""
        mine = bench.holder("r1", bench.alive[0])
        bench.ledger.acquire("prod", mine)

        bench.ledger.release("prod", "r2")

        assert bench.ledger.holder("prod") == mine

    def test_a_lock_given_back_is_free(self, bench: Bench) -> None:
        """Twice is fine."""
        bench.ledger.acquire("prod", bench.holder("r1", bench.alive[0]))
        bench.ledger.release("prod", "r1")
        bench.ledger.release("prod", "r1")

        assert bench.ledger.holder("prod") is None

    def test_environments_have_locks_of_their_own(self, bench: Bench) -> None:
        """Staging does not wait for production."""
        bench.ledger.acquire("prod", bench.holder("r1", bench.alive[0]))

        assert bench.ledger.acquire("staging", bench.holder("r2", bench.alive[1])) is None


class TestSqlLedger:
    """What only a real ledger shows."""

    def test_of_many_at_once_one_gets_the_lock(self, url: str) -> None:
        """From the very first use on, when the tables are not there yet."""
        host = socket.gethostname()

        def take(number: int) -> Holder | None:
            mine = Holder(who="me", host=host, pid=os.getpid(), since=AT, why="", release_id=f"r{number}")
            return SqlLedger(url).acquire("prod", mine)

        with ThreadPoolExecutor(max_workers=8) as pool:
            answers = list(pool.map(take, range(8)))

        assert answers.count(None) == 1
        assert len({answer.release_id for answer in answers if answer}) == 1

    def test_a_holder_on_another_host_is_believed(self, url: str) -> None:
        """Its process cannot be looked at from here."""
        there = Holder(who="me", host="elsewhere", pid=_dead(), since=AT, why="", release_id="r1")
        SqlLedger(url).acquire("prod", there)

        assert SqlLedger(url).holder("prod") == there

    @pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
    def test_every_postgres_scheme_works(self, scheme: str) -> None:
        """As people and hosts write it."""
        with databases.created() as url:
            ledger = SqlLedger(url.replace("postgresql", scheme, 1))

            assert ledger.append(entry("r1")).seq == 1

    def test_an_unusable_file_is_said_in_words(self, tmp_path: Path) -> None:
        """Nothing may be done that is not written down first."""
        (tmp_path / "ledger.db").write_text("this is no database, but it is long enough to look like one" * 20)

        with pytest.raises(LedgerError, match="not a database") as caught:
            SqlLedger(f"sqlite:///{tmp_path}/ledger.db").append(entry("r1"))
        assert caught.value.exit_code == 6

    def test_a_folder_that_cannot_be_made_is_said_in_words(self, tmp_path: Path) -> None:
        """A file stands in its way."""
        (tmp_path / "state").write_text("")

        with pytest.raises(LedgerError):
            SqlLedger(f"sqlite:///{tmp_path}/state/ledger.db").append(entry("r1"))

    def test_a_password_is_never_shown(self) -> None:
        """Neither in what happened nor in where."""
        ledger = SqlLedger(f"postgresql://me:{databases.QUOTED_PASSWORD}@127.0.0.1:1/none")

        with pytest.raises(LedgerError) as caught:
            ledger.read("r1")
        shown = repr(vars(caught.value))
        assert databases.PASSWORD not in shown
        assert databases.QUOTED_PASSWORD not in shown
