"""A release that a person turns round, and one that had needed a person and is taken up again."""

from contextlib import suppress
from functools import partial

import pytest

from gonogo import bootstrap, journal
from gonogo.errors import LockHeldError, LockLostError, RefusedError, UnreachableError, UsageError
from gonogo.model import EntryKind, Holder, Lease, StepStatus, Verdict
from gonogo.testing import API, LEASE_S, NEW, OLD, Died, Scene
from tests.unit.releases import (
    CONFIG,
    FAILED_SUITE,
    STORIES,
    executed,
    killed_everywhere,
    planned,
    resumed,
    twice,
    unannounced,
)

WHY = "aborted by bo@host: the customers complain"


class TestTurned:
    """deploy.abort."""

    def test_killed_anywhere_it_is_brought_back(self) -> None:
        """All old, whatever had been done; unless it had gone through, or nothing had begun."""
        for left in killed_everywhere(STORIES["good-slow"]):
            scene, death = left.scene, left.death
            if not scene.entries or journal.replay(scene.entries).is_ended or _is_complete(scene):
                continue
            state = resumed(scene, turn=WHY)
            assert state.verdict in {Verdict.ROLLED_BACK, Verdict.NO_GO}, death
            assert (scene.serving, scene.working) == (OLD, OLD), death
            assert (twice(scene), unannounced(scene), scene.holders) == ([], [], {}), death
            assert scene.scratch == set(), death

    def test_killed_while_it_is_brought_back_it_goes_on_back(self) -> None:
        """A resume does not turn it round once more."""
        scene = _left_in_the_bake()
        scene.die_at = ("platform.trigger", 1 + scene.counts["platform.trigger"])
        with pytest.raises(Died):
            resumed(scene, turn=WHY)

        state = resumed(scene)

        assert (state.verdict, scene.serving, scene.working, twice(scene)) == (Verdict.ROLLED_BACK, OLD, OLD, [])

    def test_the_end_says_who_wanted_it_and_why(self) -> None:
        """Exit code 1: the previous version is back, and proven."""
        state = resumed(_left_in_the_bake(), turn=WHY)

        assert (state.ending["exit_code"], state.ending["reason"]) == (1, WHY)
        assert state.turned == WHY

    def test_before_anything_was_changed_it_is_a_no_go(self) -> None:
        """Nothing had to be undone."""
        scene = Scene(die_at=("migrations.upgrade", 1))
        with pytest.raises(Died):
            executed(scene)
        scene.calls.clear()

        assert resumed(scene, turn=WHY).verdict in {Verdict.NO_GO, Verdict.ROLLED_BACK}
        assert [call for call in scene.calls if call.startswith("platform.")] == []

    def test_what_went_through_is_not_brought_back(self) -> None:
        """It is signed off; that would be a rollback."""
        scene = Scene(die_at=("ledger.append", len(_entries_of_a_good_one())))
        with pytest.raises(Died):
            executed(scene)

        with pytest.raises(UsageError, match="only its end is not written down"):
            resumed(scene, turn=WHY)
        assert resumed(scene).verdict is Verdict.RELEASED


class TestTakenUp:
    """A release that had ended with 6, once the person has mended what was broken."""

    def test_an_undoing_that_failed_is_tried_again(self) -> None:
        """What was undone is proven again; what was not gets a new deployment."""
        scene = STORIES["no-way-to-the-old-api"]()
        assert executed(scene).verdict is Verdict.NEEDS_PERSON
        scene.runs_instead.clear()

        state = resumed(scene)

        assert (state.verdict, scene.serving, scene.working) == (Verdict.ROLLED_BACK, OLD, OLD)
        assert {state.steps[name].status for name in ("api-rollout", "worker-rollout")} == {StepStatus.REVERTED}
        assert state.steps["api-rollout"].revert_failure is None

    def test_a_record_that_failed_is_written(self) -> None:
        """The release itself was proven; it is proven again, and goes through."""
        scene = STORIES["sign-off-fails"]()
        assert executed(scene).verdict is Verdict.NEEDS_PERSON
        scene.fail_at.clear()

        state = resumed(scene)

        assert (state.verdict, state.failed_step, len(scene.log)) == (Verdict.RELEASED, None, 1)

    def test_a_record_that_failed_can_be_gone_back_from(self) -> None:
        """If the person wants that."""
        scene = STORIES["sign-off-fails"]()
        executed(scene)
        scene.fail_at.clear()

        assert (resumed(scene, turn=WHY).verdict, scene.serving) == (Verdict.ROLLED_BACK, OLD)

    def test_what_is_still_broken_needs_a_person_again(self) -> None:
        """As often as it takes; each try has its end in the journal."""
        scene = STORIES["no-way-to-the-old-api"]()
        executed(scene)

        assert resumed(scene).verdict is Verdict.NEEDS_PERSON
        assert [entry.kind for entry in scene.entries].count(EntryKind.RELEASE_ENDED) == 2
        assert scene.holders == {}

    def test_a_person_who_has_put_it_right_by_hand_is_believed_when_it_shows(self) -> None:
        """Nothing is deployed over a hand-made way back."""
        scene = STORIES["no-way-to-the-old-api"]()
        executed(scene)
        scene.serving = OLD
        triggers = scene.counts["platform.trigger"]

        assert (resumed(scene).verdict, scene.counts["platform.trigger"]) == (Verdict.ROLLED_BACK, triggers)


class TestFenced:
    """A process whose lock is somebody else's by now."""

    def test_it_stops_before_the_next_effect(self) -> None:
        """Whatever it was about to do; nothing is undone either."""
        for nth in range(1, 60):
            scene = Scene()
            plan = planned(scene)
            taken: list[int] = []
            scene.sleep_at, scene.dream = nth, partial(_taken_by_somebody, scene, taken)
            with suppress(LockLostError):
                executed(scene, plan)
            afterwards = scene.done[taken[0] :] if taken else []
            assert [call for call in afterwards if call != "ledger.release prod"] == [], nth

    def test_a_broken_lock_stops_it_too(self) -> None:
        """`deploy.unlock --force`: the release is left half-way, and can be gone on with."""
        scene = Scene()
        scene.sleep_at, scene.dream = 30, scene.holders.clear
        with pytest.raises(LockLostError, match="nobody has it now"):
            executed(scene)
        assert resumed(scene).verdict is Verdict.RELEASED

    def test_a_person_s_hold_stops_whoever_begins_and_whoever_goes_on(self) -> None:
        """With the reason."""
        scene = _left_in_the_bake()
        ledger = scene.world().ledger
        since = scene.world().clock.now()
        hold = Holder(who="bo@host", host="host", pid=0, since=since, why="the database is moved", release_id="")
        assert isinstance(ledger.acquire("prod", hold), Lease)

        with pytest.raises(LockHeldError, match="the database is moved") as caught:
            resumed(scene)
        assert "invoke deploy.unlock --env prod" in caught.value.hint

    def test_no_effect_is_had_before_the_lock_is_taken(self) -> None:
        """A step that would is a bug, and is stopped."""
        scene = Scene(fail_at={"ledger.acquire": RefusedError("x", "y")})
        state = executed(scene)
        assert (state.verdict, [call for call in scene.done if not call.startswith("ledger.")]) == (Verdict.NO_GO, [])


def _taken_by_somebody(scene: Scene, taken: list[int]) -> None:
    """Let the lease end, and somebody else take the lock, where it is held."""
    scene.seconds += LEASE_S + 1
    world = scene.world(host="elsewhere")
    other = Holder(
        who="bo@there", host="elsewhere", pid=world.pid, since=world.clock.now(), why="release 1", release_id="another"
    )
    if "prod" in scene.holders:
        assert isinstance(world.ledger.acquire("prod", other), Lease)
        taken.append(len(scene.done))


def _left_in_the_bake() -> Scene:
    """Return a scene whose release was killed when both new versions ran."""
    scene = Scene(die_after=("smoke.run", 1))
    with pytest.raises(Died):
        executed(scene)
    assert (scene.serving, scene.working) == (NEW, NEW)
    return scene


def _entries_of_a_good_one() -> list[object]:
    """Return the entries of a release that goes through."""
    scene = Scene()
    executed(scene)
    return list(scene.entries)


def _is_complete(scene: Scene) -> bool:
    """Return whether every step is done."""
    return {step.status for step in journal.replay(scene.entries).steps.values()} == {StepStatus.DONE}


def test_a_revert_that_is_unreachable_is_mended_by_taking_it_up() -> None:
    """Coolify was down in the worst minute; later it is not."""
    scene = Scene(smoke=FAILED_SUITE, fail_at={f"platform.pin {API} {OLD}": UnreachableError("coolify-down", "no")})
    assert executed(scene).verdict is Verdict.NEEDS_PERSON
    scene.fail_at.clear()
    assert (resumed(scene).verdict, scene.serving, scene.working) == (Verdict.ROLLED_BACK, OLD, OLD)


class TestWaiting:
    """Which release `deploy.resume` and `deploy.abort` take up."""

    def test_one_that_needs_a_person_waits(self) -> None:
        """Until it is taken up."""
        scene = STORIES["no-way-to-the-old-api"]()
        state = executed(scene)
        assert bootstrap.unfinished(CONFIG, scene.world()) == state.plan

    def test_one_that_nobody_needs_any_more_does_not(self) -> None:
        """A later release has changed the environment since: taking the old one up would undo that."""
        scene = STORIES["no-way-to-the-old-api"]()
        executed(scene)
        scene.seconds += 60
        vars(scene).update(smoke=Scene().smoke, serving=OLD, working=OLD, schema="r1", snapshot=NEW)
        assert executed(scene, planned(scene)).verdict is Verdict.RELEASED
        with pytest.raises(UsageError, match="no release or rollback of prod waits"):
            bootstrap.unfinished(CONFIG, scene.world())

    def test_a_refused_try_above_it_does_not_hide_it(self) -> None:
        """It has changed nothing."""
        scene = STORIES["no-way-to-the-old-api"]()
        state = executed(scene)
        scene.seconds += 60
        vars(scene).update(serving=OLD, digest="e" * 64)
        assert executed(scene, planned(scene)).verdict is Verdict.NO_GO
        assert bootstrap.unfinished(CONFIG, scene.world()) == state.plan

    def test_one_that_went_through_does_not(self) -> None:
        """There is nothing to do."""
        scene = Scene()
        executed(scene)
        with pytest.raises(UsageError, match="no release or rollback of prod waits"):
            bootstrap.unfinished(CONFIG, scene.world())
