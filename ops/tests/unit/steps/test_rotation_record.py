"""Rotation, last step: it is written down which secret was replaced, when and by whom; both values are forgotten."""

import pytest

from gonogo.errors import RefusedError, StepFailedError
from gonogo.model import Pair, Secret
from gonogo.steps.rotation_record import RotationRecord
from tests.unit.releases import Hand
from tests.unit.rotations import decided, scene_of

STEP = RotationRecord()


def _hand() -> Hand:
    """Return the context of a rotation that is proven."""
    scene = scene_of("redis")
    hand = Hand(scene=scene, step="rotation-record", plan=decided("redis", scene))
    assert hand.plan
    scene.kept[hand.plan.release_id] = Pair(
        made_at=hand.plan.created_at, old=Secret("REDIS_URL", "old-redis"), new=Secret("REDIS_URL", "new-redis")
    )
    return hand


def test_it_is_noted_logged_and_forgotten() -> None:
    """Which secret, by a fingerprint, by whom; never the secret."""
    hand = _hand()
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    assert STEP.check(hand.context())
    assert hand.notes["rotation-record"]["rotated"] == "redis"
    assert "ROTATED" in hand.scene.log[0]
    assert " redis by " in hand.scene.log[0]
    assert hand.scene.kept == {}
    assert "new-redis" not in f"{hand.notes}{hand.scene.log}"
    assert STEP.verify(hand.context()).evidence["kept here"] == "nothing"


def test_a_line_is_written_once() -> None:
    """Whoever goes on after a kill adds no second one, and needs no value that is forgotten."""
    hand = _hand()
    STEP.apply(hand.context())
    STEP.apply(hand.context())
    assert len(hand.scene.log) == 1


def test_values_are_forgotten_last() -> None:
    """A log that cannot be written leaves them: the fingerprint is made of one."""
    hand = _hand()
    hand.scene.fail_at["log.append"] = RefusedError("log-not-written", "the disk is full")
    with pytest.raises(RefusedError):
        STEP.apply(hand.context())
    assert hand.scene.kept
    hand.scene.fail_at.clear()
    STEP.apply(hand.context())
    assert (len(hand.scene.log), hand.scene.kept) == (1, {})


def test_values_that_are_still_kept_are_no_end() -> None:
    """A record beside a kept secret is done again."""
    hand = _hand()
    STEP.apply(hand.context())
    assert hand.plan
    value = Secret("REDIS_URL", "left")
    hand.scene.kept[hand.plan.release_id] = Pair(made_at=hand.plan.created_at, old=value, new=value)
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    assert STEP.check(hand.context())


def test_a_line_that_is_not_there_is_a_failure() -> None:
    """The rotation itself is not doubted."""
    hand = _hand()
    with pytest.raises(StepFailedError, match="does not hold the rotation") as caught:
        STEP.verify(hand.context())
    assert "the rotation itself is proven" in caught.value.hint


def test_the_log_is_never_taken_back() -> None:
    """It is append-only."""
    hand = _hand()
    STEP.apply(hand.context())
    assert STEP.revert(hand.context()).evidence == {}
    assert len(hand.scene.log) == 1
    assert hand.plan
    assert STEP.intent(hand.plan).startswith("record the rotation of redis")
