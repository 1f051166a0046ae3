"""What a trial measured, summed up."""

from datetime import UTC, datetime, timedelta

import pytest

from gonogo import trying
from gonogo.model import Hold, LockMode, MigrationRun, Traced, Trial

ZERO = datetime(2026, 1, 1, tzinfo=UTC)


def _hold(mode: LockMode, began: float, ended: float, relation: str = "public.users") -> Hold:
    """Return a lock."""
    return Hold(relation=relation, mode=mode, began_s=began, ended_s=ended)


def _waits(*holds: Hold) -> dict[tuple[str, str], float]:
    """Return the longest waits by relation and need."""
    traced = Traced(revision="r2", seconds=9.0, holds=holds)
    return {(wait.relation, wait.need): round(wait.seconds, 3) for wait in trying.waits(traced)}


@pytest.mark.parametrize("mode", LockMode)
def test_a_lock_stops_whom_postgresql_says(mode: LockMode) -> None:
    """Only ACCESS EXCLUSIVE stops readers; SHARE and what is stronger stops writers."""
    found = {need for _, need in _waits(_hold(mode, 0, 1))}
    writers = {LockMode.SHARE, LockMode.SHARE_ROW_EXCLUSIVE, LockMode.EXCLUSIVE, LockMode.ACCESS_EXCLUSIVE}
    assert found == {*(["read"] if mode is LockMode.ACCESS_EXCLUSIVE else []), *(["write"] if mode in writers else [])}


def test_locks_that_follow_each_other_without_a_gap_are_one_wait() -> None:
    """Whoever waits for the first waits for the second as well."""
    holds = (_hold(LockMode.SHARE, 0, 2), _hold(LockMode.ACCESS_EXCLUSIVE, 1.5, 3))
    assert _waits(*holds) == {("public.users", "write"): 3.0, ("public.users", "read"): 1.5}


def test_between_two_locks_somebody_can_work() -> None:
    """The longer one counts."""
    assert _waits(_hold(LockMode.SHARE, 0, 1), _hold(LockMode.SHARE, 5, 7)) == {("public.users", "write"): 2.0}


def test_a_short_lock_within_a_long_one_does_not_end_it() -> None:
    """The end is that of the last of all."""
    holds = (_hold(LockMode.SHARE, 0, 9), _hold(LockMode.SHARE, 1, 2), _hold(LockMode.SHARE, 8, 8.5))
    assert _waits(*holds) == {("public.users", "write"): 9.0}


def test_each_relation_has_its_own_time() -> None:
    """A lock on one stops nobody at the other."""
    holds = (_hold(LockMode.SHARE, 0, 1, "public.a"), _hold(LockMode.SHARE, 1, 2, "public.b"))
    assert _waits(*holds) == {("public.a", "write"): 1.0, ("public.b", "write"): 1.0}


def test_the_strongest_lock_of_each_relation_comes_first() -> None:
    """With its longest hold, and who waits for it."""
    holds = (
        _hold(LockMode.ROW_EXCLUSIVE, 0, 9, "public.jobs"),
        _hold(LockMode.SHARE, 0, 2),
        _hold(LockMode.ACCESS_EXCLUSIVE, 2, 2.5),
    )
    found = trying.held(Traced(revision="r2", seconds=9.0, holds=holds))
    assert [(each.relation, each.mode, each.need, each.seconds) for each in found] == [
        ("public.users", LockMode.ACCESS_EXCLUSIVE, "read", 0.5),
        ("public.jobs", LockMode.ROW_EXCLUSIVE, "", 9.0),
    ]


class TestCompared:
    """Prediction beside reality."""

    TRIAL = Trial(
        at=ZERO,
        backup="b",
        server_version="18",
        database_bytes=1,
        traced=(Traced(revision="r2", seconds=0.8), Traced(revision="r3", seconds=0.1, problem="failed")),
    )

    def _run(self, revision: str, at_s: float, *, is_upgrade: bool = True) -> MigrationRun:
        """Return a run of two seconds."""
        at = ZERO + timedelta(seconds=at_s)
        way, ended = "up" if is_upgrade else "down", at + timedelta(seconds=2)
        return MigrationRun(revision=revision, direction=way, began_at=at, ended_at=ended, attempts=3)

    def test_the_newest_upgrade_counts(self) -> None:
        """Not an earlier one, nor the way back from it."""
        older = self._run("r2", 0)
        newest = MigrationRun(
            revision="r2", direction="up", began_at=ZERO + timedelta(seconds=9), ended_at=None, attempts=2
        )
        (found,) = trying.compared(self.TRIAL, ["r2"], (newest, older, self._run("r2", 99, is_upgrade=False)))
        assert (found.predicted_s, found.took_s, found.attempts) == (0.8, None, 2)

    def test_a_revision_that_failed_was_not_predicted(self) -> None:
        """How long it took until then says nothing."""
        (found,) = trying.compared(self.TRIAL, ["r3"], (self._run("r3", 0),))
        assert trying.beside(found) == "not predicted, took 2.0 s in 3 tries"

    def test_a_whole_release_is_the_sum(self) -> None:
        """As far as every part is known."""
        runs = (self._run("r2", 0), self._run("r3", 5))
        both = trying.compared(self.TRIAL, ["r2", "r3"], runs)
        assert trying.beside_in_all(both) == "not predicted, took 4.0 s"
        assert trying.beside_in_all(both[:1]) == "predicted 800 ms, took 2.0 s"
        assert trying.beside_in_all(()) == ""
