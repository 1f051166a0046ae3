"""A release that is gone on with, in a world that moved meanwhile or before an audience that left."""

import pytest

from gonogo import run, steps
from gonogo.errors import InterruptedReleaseError
from gonogo.model import Entry, EntryKind, Verdict
from gonogo.testing import API, NEW, OLD, Died, Scene
from tests.unit.releases import CONFIG, FAILED_SUITE, executed, planned, resumed


class TestResumedInAnotherWorld:
    """What was proven before the break is proven again after it."""

    def test_a_release_whose_api_was_replaced_meanwhile_is_not_released(self) -> None:
        """The bake was done, then the old version came back: the resume says so and goes back."""
        scene = Scene(die_after=("ledger.append", 32))
        with pytest.raises(Died):
            executed(scene)
        scene.serving = OLD
        state = resumed(scene)
        assert (state.verdict, scene.serving, scene.log) == (Verdict.ROLLED_BACK, OLD, [])

    def test_who_only_watches_cannot_stop_it(self) -> None:
        """A live view that breaks is not a failed release."""

        def broken(entry: Entry) -> None:
            raise BrokenPipeError(entry.kind)

        scene = Scene()
        state = run.execute(planned(scene), world=scene.world(broken), config=CONFIG, steps=steps.ALL)
        assert state.verdict is Verdict.RELEASED


class TestInterrupted:
    """Somebody stops a release."""

    def test_the_journal_says_so_and_by_whom(self) -> None:
        """Exit code 130, and the next command."""
        scene = Scene(fail_at={"smoke.run": KeyboardInterrupt()})
        with pytest.raises(InterruptedReleaseError) as caught:
            executed(scene)
        assert (scene.entries[-1].kind, scene.entries[-1].data["why"]) == (EntryKind.INTERRUPTED, "by operator@host")
        assert (caught.value.exit_code, caught.value.where) == (130, "smoke")
        assert "smoke was under way, done are preflight, backup, " in caught.value.message
        assert "invoke deploy.resume --env prod" in caught.value.hint
        assert "invoke deploy.abort --env prod" in caught.value.hint

    def test_nothing_is_undone_and_the_lock_is_free(self) -> None:
        """It stands where the journal says."""
        scene = Scene(fail_at={"smoke.run": KeyboardInterrupt()})
        with pytest.raises(InterruptedReleaseError):
            executed(scene)
        assert (scene.serving, scene.holders) == (NEW, {})

    def test_going_on_brings_it_to_its_end(self) -> None:
        """The journal tells who went on; the first start of the step stays."""
        scene = Scene(fail_at={"smoke.run": KeyboardInterrupt()})
        with pytest.raises(InterruptedReleaseError):
            executed(scene)
        scene.fail_at.clear()
        assert resumed(scene).verdict is Verdict.RELEASED
        assert [entry.kind for entry in scene.entries].count(EntryKind.RESUMED) == 1

    def test_a_release_that_had_turned_round_goes_on_backwards(self) -> None:
        """A step that has failed once is not tried again."""
        scene = Scene(smoke=FAILED_SUITE, fail_at={f"platform.trigger {API} {OLD}": KeyboardInterrupt()})
        with pytest.raises(InterruptedReleaseError):
            executed(scene)
        scene.fail_at.clear()
        assert (resumed(scene).verdict, scene.calls.count(f"smoke.run {NEW}")) == (Verdict.ROLLED_BACK, 1)
