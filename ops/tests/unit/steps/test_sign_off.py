"""Step 10: who, when, what, in the log that people read."""

import json

import pytest

from gonogo import codec
from gonogo.errors import StepFailedError, UnreachableError
from gonogo.model import Pin, Severity, Variable
from gonogo.steps.sign_off import SignOff
from gonogo.testing import API, NEW, OLD, WORKER, Scene
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


def test_how_the_release_leaves_the_environment_is_noted_before_the_line() -> None:
    """Pins, settings and variables as they are in the end, and a hash where a value was."""
    scene = Scene(
        variables={API: (Variable(key="SECRET_KEY", fingerprint="f1"),), WORKER: ()},
        settings={API: {"health_check_path": "/ready"}},
        fail_at={"log.append": UnreachableError("disk-full", "the disk is full")},
    )
    hand = _hand(scene)
    context = hand.context()
    scene.serving = scene.working = scene.pinned[API] = NEW
    scene.settings[API]["health_check_path"] = "/live"
    with pytest.raises(UnreachableError):
        STEP.apply(context)
    snapshot = codec.snapshot_from_json(json.loads(json.dumps(hand.notes["sign-off"]["snapshot"])))
    assert (snapshot.commit, snapshot.api.pin, snapshot.schema_revision) == (NEW, Pin.of_commit(NEW), "r1")
    assert (snapshot.api.settings, snapshot.api.variables) == ({"health_check_path": "/live"}, {"SECRET_KEY": "f1"})


def test_a_platform_that_is_away_takes_the_snapshot_and_not_the_release() -> None:
    """The release is proven; what is missing is told."""
    scene = Scene()
    hand = _hand(scene)
    context = hand.context()
    scene.serving = NEW
    scene.down = {"platform", "database"}
    STEP.apply(context)
    ((severity, message),) = [(each.severity, each.message) for each in STEP.verify(context).findings]
    assert (severity, "the database does not answer" in message) == (Severity.ADVISE, True)
    assert len(scene.log) == 1
