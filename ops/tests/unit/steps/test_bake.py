"""Step 9: not only good at once, but good for a while."""

import pytest

from gonogo.errors import StepFailedError
from gonogo.model import Request
from gonogo.steps.bake import Bake
from gonogo.testing import NEW, OLD, Scene
from tests.unit.releases import CONFIG, Hand

STEP = Bake()
LIMITS = CONFIG.target.limits
# The scene's clock starts here, in seconds since the epoch.
EPOCH = 1767225600.0


def _request(second: float, *, failed: bool = False) -> Request:
    """Return a request that was sent so many seconds after the scene began."""
    return Request(at=EPOCH + second, ms=5.0, status=200, failed=failed, kind="read")


def _watched(scene: Scene) -> Hand:
    """Return the step's context after the watch, with the target serving unless said otherwise."""
    hand = Hand(scene=scene, step="bake")
    context = hand.context()
    scene.serving = NEW if scene.serving == OLD else OLD
    STEP.apply(context)
    return hand


def test_it_is_watched_for_the_whole_time_at_the_stated_rate() -> None:
    """Ten seconds, two probes a second; a break starts anew."""
    scene = Scene()
    hand = _watched(scene)
    assert (scene.seconds, hand.notes["bake"]["probes"]) == (LIMITS.bake_s, LIMITS.bake_s * LIMITS.bake_rate)
    assert not STEP.check(hand.context())


def test_what_was_seen_is_the_proof() -> None:
    """Time, probes, requests, latency, workers."""
    assert STEP.verify(_watched(Scene(requests=(_request(1.0),))).context()).evidence == {
        "watched": "10 s, 20 probes, 1 requests",
        "failed": "0 probes, 0 requests",
        "p95": "2 ms",
        "workers": "1 beating",
    }


def test_requests_before_the_watch_are_not_its_own() -> None:
    """The rollout's are counted elsewhere."""
    scene = Scene(requests=(_request(-1.0, failed=True), _request(0.0)))
    assert _watched(scene).notes["bake"]["requests"] == 1


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (Scene(requests=(_request(1.0, failed=True),)), "4.8% of probes and requests failed, 1.0% allowed"),
        (Scene(unready={NEW: "redis: refused"}), "100.0% of probes and requests failed"),
        (Scene(probe_ms=1500.0), "p95 1500 ms, 1000 ms allowed"),
        (Scene(working=None), "no worker beats any more"),
    ],
    ids=["requests", "probes", "latency", "worker"],
)
def test_a_threshold_that_is_crossed_is_a_failure(scene: Scene, words: str) -> None:
    """Which one, and by how much."""
    with pytest.raises(StepFailedError, match=words):
        STEP.verify(_watched(scene).context())


def test_another_version_that_answers_is_a_bad_probe() -> None:
    """However well it answers."""
    hand = Hand(scene=Scene(), step="bake")
    STEP.apply(hand.context())
    assert (hand.notes["bake"]["bad"], hand.notes["bake"]["probes"]) == (20, 20)


def test_every_threshold_that_is_crossed_is_told() -> None:
    """Not only the first."""
    with pytest.raises(StepFailedError, match=r"p95 .*; no worker"):
        STEP.verify(_watched(Scene(probe_ms=1500.0, working=None)).context())


def test_a_share_within_the_limit_is_good() -> None:
    """One of more than a hundred."""
    good = tuple(_request(1.0) for _ in range(100))
    evidence = STEP.verify(_watched(Scene(requests=(*good, _request(1.0, failed=True)))).context()).evidence
    assert evidence["failed"] == "0 probes, 1 requests"
