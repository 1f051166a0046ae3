"""The port Ledger: in memory, in a SQLite file, in PostgreSQL."""

import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo.adapters.ledger import SqlLedger
from gonogo.errors import LedgerError, LockLostError
from gonogo.model import JSON, EntryKind, Holder, Lease
from gonogo.testing import MemoryLedger, Scene
from tests.contracts import databases
from tests.contracts.ledgers import AT, Bench, ended, entry, ledger_at, started

pytestmark = pytest.mark.contracts


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
    with ledger_at(request.param, tmp_path) as url:
        yield Bench(
            ledger=SqlLedger(url),
            again=lambda: SqlLedger(url),
            alive=(os.getpid(), os.getppid()),
            dead=ended(),
        )


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return where a new ledger is kept."""
    with ledger_at(request.param, tmp_path) as url:
        yield url


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
    """acquire, check, release, holder."""

    def test_a_free_lock_is_taken(self, bench: Bench) -> None:
        """And everybody sees who has it."""
        mine = bench.holder("r1", bench.alive[0])

        assert bench.taken("prod", mine).environment == "prod"
        assert bench.again().holder("prod") == mine

    def test_a_free_lock_has_no_holder(self, bench: Bench) -> None:
        """Asking is not taking."""
        assert bench.ledger.holder("prod") is None

    def test_a_second_release_is_told_who_has_it(self, bench: Bench) -> None:
        """And changes nothing."""
        mine = bench.holder("r1", bench.alive[0])
        bench.taken("prod", mine)

        assert bench.again().acquire("prod", bench.holder("r2", bench.alive[1])) == mine
        assert bench.ledger.holder("prod") == mine

    def test_the_same_release_from_another_live_process_is_refused(self, bench: Bench) -> None:
        """Nobody resumes what is still being run."""
        mine = bench.holder("r1", bench.alive[0])
        bench.taken("prod", mine)

        assert bench.again().acquire("prod", bench.holder("r1", bench.alive[1])) == mine

    def test_the_same_holder_may_take_it_again(self, bench: Bench) -> None:
        """A second try is no conflict, and no new holding."""
        mine = bench.holder("r1", bench.alive[0])

        assert bench.taken("prod", mine) == bench.taken("prod", mine)

    @pytest.mark.parametrize("release_id", ["r1", "r2"])
    def test_what_a_dead_process_holds_is_free(self, bench: Bench, release_id: str) -> None:
        """For the resumed release, and for another one."""
        bench.taken("prod", bench.holder("r1", bench.dead))
        mine = bench.holder(release_id, bench.alive[0])

        assert bench.ledger.holder("prod") is None
        bench.taken("prod", mine)
        assert bench.ledger.holder("prod") == mine

    def test_each_holding_has_a_higher_fence(self, bench: Bench) -> None:
        """Also after the lock was given back, when no row of it is left."""
        fences = []
        for number in range(3):
            lease = bench.taken("prod", bench.holder(f"r{number}", bench.alive[0]))
            fences.append(lease.fence)
            bench.ledger.release(lease)

        assert fences == sorted(set(fences))
        assert fences[0] > 0

    def test_a_release_under_another_fence_is_ignored(self, bench: Bench) -> None:
        """Nobody gives away what is somebody else's by now."""
        former = bench.taken("prod", bench.holder("r1", bench.dead))
        mine = bench.holder("r1", bench.alive[0])
        bench.taken("prod", mine)

        bench.ledger.release(former)

        assert bench.ledger.holder("prod") == mine

    def test_a_lock_given_back_is_free(self, bench: Bench) -> None:
        """Twice is fine."""
        lease = bench.taken("prod", bench.holder("r1", bench.alive[0]))
        bench.ledger.release(lease)
        bench.ledger.release(lease)

        assert bench.ledger.holder("prod") is None

    def test_environments_have_locks_of_their_own(self, bench: Bench) -> None:
        """Staging does not wait for production."""
        bench.taken("prod", bench.holder("r1", bench.alive[0]))

        bench.taken("staging", bench.holder("r2", bench.alive[1]))

    def test_a_person_s_hold_needs_no_process(self, bench: Bench) -> None:
        """It lasts until it is given back, and says why."""
        hold = replace(bench.holder("", 0), why="the database is being moved")
        lease = bench.taken("prod", hold)

        assert bench.again().acquire("prod", bench.holder("r1", bench.alive[0])) == hold
        found = bench.ledger.holder("prod")
        assert found
        assert (found.is_person, found.ends_in_s, found.fence) == (True, None, lease.fence)

    def test_a_person_s_hold_is_not_taken_by_another(self, bench: Bench) -> None:
        """The same words do not make it the same hold."""
        hold = bench.holder("", 0)
        bench.taken("prod", hold)

        assert isinstance(bench.again().acquire("prod", hold), Holder)

    def test_a_person_s_hold_may_end_by_itself(self, bench: Bench) -> None:
        """After the time that was said."""
        bench.taken("prod", bench.holder("", 0), lasts_s=3600)
        bench.taken("staging", bench.holder("", 0), lasts_s=0)

        found = bench.ledger.holder("prod")
        assert found
        assert found.ends_in_s
        assert 3000 < found.ends_in_s <= 3600
        assert bench.ledger.holder("staging") is None


class TestFence:
    """What a process may still do whose lock somebody else has by now."""

    def test_it_is_told_when_it_asks(self, bench: Bench) -> None:
        """By whom, and that it has stopped."""
        former = _superseded(bench)

        with pytest.raises(LockLostError, match="not ours any more; me@") as caught:
            bench.ledger.check(former)
        assert caught.value.exit_code == 6

    def test_it_writes_nothing(self, bench: Bench) -> None:
        """The journal is the new holder's."""
        former = _superseded(bench)

        with pytest.raises(LockLostError):
            bench.ledger.append(entry("r1"), lease=former)
        assert bench.ledger.read("r1") == ()

    def test_a_broken_lock_is_lost_too(self, bench: Bench) -> None:
        """Nobody has it, and its process still must stop."""
        lease = bench.taken("prod", bench.holder("r1", bench.alive[0]))
        bench.again().release(lease)

        with pytest.raises(LockLostError, match="nobody has it now"):
            bench.ledger.append(entry("r1"), lease=lease)

    def test_who_holds_it_writes(self, bench: Bench) -> None:
        """Under the lease that it was given."""
        lease = bench.taken("prod", bench.holder("r1", bench.alive[0]))
        bench.ledger.check(lease)

        assert bench.ledger.append(entry("r1"), lease=lease).seq > 0

    def test_nobody_writes_on_from_what_is_not_the_end(self, bench: Bench) -> None:
        """Also before there is a lock: an entry that one does not know changes what the next would mean."""
        first = bench.ledger.append(entry("r1"), after=0)
        bench.again().append(entry("r1"), after=first.seq)
        bench.ledger.append(entry("r2"), after=0)

        with pytest.raises(LockLostError, match="somebody else has gone on with release r1"):
            bench.ledger.append(entry("r1"), after=first.seq)
        assert len(bench.ledger.read("r1")) == 2


def _superseded(bench: Bench) -> Lease:
    """Return a lease whose lock somebody else has by now."""
    former = bench.taken("prod", bench.holder("r1", bench.dead))
    bench.taken("prod", bench.holder("r1", bench.alive[0]))
    return former


class TestSqlLedger:
    """What only a real ledger shows."""

    def test_of_many_at_once_one_gets_the_lock(self, url: str) -> None:
        """From the very first use on, when the tables are not there yet."""
        host = socket.gethostname()

        def take(number: int) -> Lease | Holder:
            mine = Holder(who="me", host=host, pid=os.getpid(), since=AT, why="", release_id=f"r{number}")
            return SqlLedger(url).acquire("prod", mine)

        with ThreadPoolExecutor(max_workers=8) as pool:
            answers = list(pool.map(take, range(8)))

        assert len([answer for answer in answers if isinstance(answer, Lease)]) == 1
        assert len({answer.release_id for answer in answers if isinstance(answer, Holder)}) == 1

    def test_a_holder_on_another_host_is_believed(self, url: str) -> None:
        """Its process cannot be looked at from here."""
        there = Holder(who="me", host="elsewhere", pid=ended(), since=AT, why="", release_id="r1")
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
