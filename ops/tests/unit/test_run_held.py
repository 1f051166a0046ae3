"""A release and its lock, and a release and its journal: nothing is done without either."""

from datetime import UTC, datetime

import pytest

from gonogo.errors import LedgerError, LockHeldError
from gonogo.model import Holder, Verdict
from gonogo.testing import Died, Scene
from tests.unit.releases import changing, executed, planned, resumed, twice

SOMEBODY = Holder(
    who="bo@there", host="there", pid=99, since=datetime(2026, 1, 1, tzinfo=UTC), why="release 1", release_id="another"
)


def _calls() -> list[str]:
    """Return every call of a release that goes through."""
    scene = Scene()
    executed(scene)
    return scene.calls


class TestLock:
    """One release to an environment at a time."""

    def test_a_lock_that_somebody_holds_ends_a_release(self) -> None:
        """Exit code 5, who and why, nothing changed, and theirs is left alone."""
        scene = Scene(holders={"prod": SOMEBODY})
        state = executed(scene)
        assert (state.ending["exit_code"], changing(scene), scene.holders) == (5, [], {"prod": SOMEBODY})
        assert "bo@there" in state.ending["reason"]

    def test_it_is_held_while_the_release_runs(self) -> None:
        """From preflight on, by the process that runs."""
        scene = Scene(fail_at={"ledger.append step-started migrate": LedgerError("ledger-unusable", "disk full")})
        with pytest.raises(LedgerError):
            executed(scene)
        assert scene.holders["prod"].release_id == planned(scene).release_id

    def test_a_release_that_is_being_run_is_not_gone_on_with(self) -> None:
        """Two processes never carry out the same release."""
        scene = _left_half_way()
        scene.dead.clear()
        entries = len(scene.entries)
        with pytest.raises(LockHeldError):
            resumed(scene)
        assert len(scene.entries) == entries

    def test_going_on_takes_the_lock_again(self) -> None:
        """The lock of the process that died is nobody's."""
        scene = _left_half_way()
        scene.die_at = ("smoke.run", 1)
        with pytest.raises(Died, match=r"smoke\.run"):
            resumed(scene)
        assert scene.holders["prod"].pid == scene.pid


class TestLedger:
    """Nothing may be done that is not written down first."""

    @pytest.mark.parametrize("append", [call for call in dict.fromkeys(_calls()) if call.startswith("ledger.append")])
    def test_nothing_is_done_once_the_journal_cannot_be_written(self, append: str) -> None:
        """The release stops where it stands."""
        scene = Scene(fail_at={append: LedgerError("ledger-unusable", "disk full")})
        with pytest.raises(LedgerError):
            executed(scene)
        assert scene.calls[-1] == append

    def test_it_is_gone_on_with_when_the_journal_can_be_written_again(self) -> None:
        """Nothing twice, nothing lost."""
        scene = Scene(fail_at={"ledger.append step-done api-rollout": LedgerError("ledger-unusable", "disk full")})
        with pytest.raises(LedgerError):
            executed(scene)
        scene.fail_at.clear()
        scene.dead.add(scene.pid)
        assert (resumed(scene).verdict, twice(scene)) == (Verdict.RELEASED, [])


def _left_half_way() -> Scene:
    """Return a scene whose release was killed before the API's rollout."""
    scene = Scene(die_at=("platform.pin", 1))
    with pytest.raises(Died, match=r"platform\.pin"):
        executed(scene)
    return scene
