"""Step 8: the core user journey on the released version."""

import pytest

from gonogo.errors import StepFailedError
from gonogo.model import Suite
from gonogo.steps.smoke import SmokeTest
from gonogo.testing import NEW, Scene
from tests.unit.releases import Hand

STEP = SmokeTest()


def _run(scene: Scene) -> Hand:
    """Return the step's context after the suite ran."""
    hand = Hand(scene=scene, step="smoke")
    STEP.apply(hand.context())
    return hand


def test_the_target_s_own_suite_is_run() -> None:
    """From its checkout; and always anew."""
    scene = Scene()
    hand = _run(scene)
    assert (scene.calls, STEP.check(hand.context())) == ([f"smoke.run {NEW}"], False)


def test_a_suite_that_passed_is_counted() -> None:
    """How many tests."""
    assert STEP.verify(_run(Scene()).context()).evidence == {"passed": "5", "failed": "0"}


@pytest.mark.parametrize(
    ("suite", "words"),
    [
        (
            Suite(exit_code=1, passed=4, failed=("test_a: HTTP 500", "test_b: late"), output=""),
            "test_a: HTTP 500; and 1 more",
        ),
        (Suite(exit_code=5, passed=0, failed=(), output=""), r"no test passed \(exit 5\)"),
        (Suite(exit_code=0, passed=0, failed=(), output=""), r"no test passed \(exit 0\)"),
        (Suite(exit_code=2, passed=5, failed=(), output=""), "exit 2"),
    ],
    ids=["failed", "none-collected", "all-skipped", "broke-off"],
)
def test_anything_else_is_a_failure(suite: Suite, words: str) -> None:
    """A suite that ran nothing proves nothing."""
    with pytest.raises(StepFailedError, match=words) as caught:
        STEP.verify(_run(Scene(smoke=suite)).context())
    assert "staging_smoke" in caught.value.hint
