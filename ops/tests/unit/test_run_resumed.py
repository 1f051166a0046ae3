"""A release that is gone on with, in a world that moved meanwhile or before an audience that left."""

import pytest

from gonogo import journal, run, steps
from gonogo.errors import InterruptedReleaseError, LockLostError, UnreachableError
from gonogo.model import Entry, EntryKind, Verdict
from gonogo.testing import API, LEASE_S, NEW, OLD, Died, Scene
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


class TestScratchDatabase:
    """A copy of all data, which whoever made it may not have come to drop."""

    @pytest.mark.parametrize("turn", ["", "aborted"])
    @pytest.mark.parametrize("dies", ["die_at", "die_after"])
    def test_it_is_dropped_by_who_goes_on_and_by_who_goes_back(self, turn: str, dies: str) -> None:
        """After a process was killed that had restored."""
        call = ("database.drop", 1) if dies == "die_at" else ("database.restore", 1)
        scene = _killed(**{dies: call})

        state = resumed(scene, turn=turn)

        assert (state.verdict, scene.scratch) == (Verdict.NO_GO if turn else Verdict.RELEASED, set())

    def test_it_is_dropped_where_the_next_process_says_no_go(self) -> None:
        """Before it would have restored anew."""
        scene = _killed(die_at=("database.drop", 1))
        scene.digest = "e" * 64

        assert (resumed(scene).verdict, scene.scratch) == (Verdict.NO_GO, set())

    def test_it_is_dropped_by_who_brings_a_release_back_whose_process_slept(self) -> None:
        """Awake again, that process may not do it any more."""
        scene = Scene()
        plan = planned(scene)

        def witness(call: str, nth: int, when: str) -> None:
            if (call.split(maxsplit=1)[0], nth, when) == ("database.restore", 1, "after"):
                scene.sleep_at = scene.touches + 1

        def dream() -> None:
            scene.seconds += LEASE_S + 1
            assert scene.scratch
            resumed(scene, host="elsewhere", turn="aborted")

        scene.witness, scene.dream = witness, dream
        with pytest.raises(LockLostError):
            executed(scene, plan)

        assert (journal.replay(scene.entries).verdict, scene.scratch) == (Verdict.NO_GO, set())

    def test_where_it_cannot_be_dropped_the_end_says_how(self) -> None:
        """The verdict is about the service all the same."""
        scene = _killed(die_at=("database.drop", 1))
        scene.fail_at["database.drop"] = UnreachableError("database-unreachable", "the database does not answer")

        state = resumed(scene, turn="aborted")

        assert (state.verdict, len(scene.scratch)) == (Verdict.NO_GO, 1)
        assert state.ending["hint"].endswith(f"DROP DATABASE IF EXISTS {scene.scratch.pop()} WITH (FORCE)")


def _killed(**dies: tuple[str, int]) -> Scene:
    """Return a scene whose release was killed in its restore check, the scratch database there."""
    scene = Scene(**dies)  # type: ignore[arg-type]  # where it dies
    with pytest.raises(Died):
        executed(scene)
    assert scene.scratch
    return scene
