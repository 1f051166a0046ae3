"""Step 10: who, when, what, in the log that people read."""

import pytest

from gonogo.errors import StepFailedError
from gonogo.steps.sign_off import SignOff
from gonogo.testing import NEW, OLD, Scene
from tests.unit.releases import Hand, planned

STEP = SignOff()


def _hand(scene: Scene) -> Hand:
    """Return the step's context."""
    return Hand(scene=scene, step="sign-off", plan=planned(scene))


def test_the_line_says_who_when_what_and_which_release() -> None:
    """One line, UTC."""
    scene = Scene()
    hand = _hand(scene)
    scene.serving = NEW
    STEP.apply(hand.context())
    told = f"RELEASED prod {OLD[:12]} -> {NEW[:12]} by operator@host, release {planned(Scene()).release_id}, schema r2"
    assert scene.log == [f"2026-01-01T00:00:00Z {told}"]


def test_it_is_already_so_once_the_line_is_there() -> None:
    """It is not written twice."""
    hand = _hand(Scene(serving=NEW))
    assert not STEP.check(hand.context())
    STEP.apply(hand.context())
    assert STEP.check(hand.context())
    assert STEP.verify(hand.context()).evidence["operator"] == "operator@host"


def test_a_log_without_the_line_is_a_failure() -> None:
    """The release itself is proven all the same."""
    with pytest.raises(StepFailedError, match="does not hold the release") as caught:
        STEP.verify(_hand(Scene()).context())
    assert "the release itself is proven" in caught.value.hint


def test_a_release_that_something_else_replaced_is_not_signed_off() -> None:
    """The log never says that a version was released which does not serve."""
    scene = Scene(serving=OLD)
    with pytest.raises(StepFailedError, match="serves at the end, not"):
        STEP.apply(_hand(scene).context())
    assert scene.log == []
