"""Step 6: new beside old, then only new; or the old one again, proven."""

import pytest

from gonogo.errors import NeedsPersonError, StepFailedError
from gonogo.model import Pin
from gonogo.steps.api_rollout import ApiRollout
from gonogo.testing import API, NEW, OLD, WORKER, Scene
from tests.unit.releases import Hand, planned

STEP = ApiRollout()


def _hand(scene: Scene) -> Hand:
    """Return the step's context."""
    return Hand(scene=scene, step="api-rollout", plan=planned(scene))


def _deployed(scene: Scene) -> Hand:
    """Return the step's context after its deployment."""
    hand = _hand(scene)
    STEP.apply(hand.context())
    return hand


class TestForward:
    """check, apply, verify."""

    @pytest.mark.parametrize(("unready", "is_so"), [({}, True), ({NEW: "redis: refused"}, False)])
    def test_it_is_already_so_when_the_target_serves_ready(self, unready: dict[str, str], is_so: bool) -> None:
        """The service says, not the journal."""
        scene = Scene(serving=NEW, unready=unready)
        assert STEP.check(_hand(scene).context()) is is_so

    def test_a_deployment_under_way_is_waited_for_before_anything_is_said(self) -> None:
        """It could land later."""
        scene = Scene(deploy_s=30.0)
        hand = _hand(scene)
        platform = scene.world().platform
        platform.pin(API, Pin.of_commit(NEW))
        platform.trigger(API)
        assert STEP.check(hand.context())

    def test_only_the_api_is_deployed(self) -> None:
        """The worker has its own step; the deployment's id is noted."""
        scene = Scene()
        hand = _deployed(scene)
        assert (scene.serving, scene.working, scene.pinned[WORKER]) == (NEW, OLD, "HEAD")
        assert hand.notes["api-rollout"]["deployment"] == "d1"

    def test_the_proof_is_many_probes_over_the_settling_time(self) -> None:
        """One could be luck."""
        scene = Scene()
        evidence = STEP.verify(_deployed(scene).context()).evidence
        assert (evidence["serving"], evidence["probes"]) == (NEW[:12], "11, each on a fresh connection")
        assert scene.seconds >= 5.0

    @pytest.mark.parametrize(
        ("scene", "words"),
        [
            (Scene(runs_instead={(API, NEW): OLD}), f"{OLD[:12]} answers, expected {NEW[:12]}"),
            (Scene(unready={NEW: "redis: refused"}), "not ready: redis: refused"),
        ],
    )
    def test_what_answers_instead_is_said(self, scene: Scene, words: str) -> None:
        """Coolify called it finished."""
        with pytest.raises(StepFailedError, match=words):
            STEP.verify(_deployed(scene).context())

    def test_nothing_that_answers_is_said(self) -> None:
        """It is waited for, not for ever."""
        scene = Scene()
        hand = _deployed(scene)
        scene.down.add("service")
        with pytest.raises(StepFailedError, match="nothing answers"):
            STEP.verify(hand.context())
        assert scene.seconds >= 60.0


class TestBack:
    """revert."""

    def test_the_previous_version_is_deployed_and_proven(self) -> None:
        """It alone serves."""
        scene = Scene()
        evidence = STEP.revert(_deployed(scene).context()).evidence
        assert (scene.serving, evidence["serving"]) == (OLD, OLD[:12])

    def test_what_never_left_is_not_deployed_again(self) -> None:
        """It is pinned, so that the next restart keeps it."""
        scene = Scene(runs_instead={(API, NEW): OLD})
        STEP.revert(_deployed(scene).context())
        assert (scene.counts["platform.trigger"], scene.pinned[API]) == (1, OLD)

    def test_a_deployment_that_lands_late_is_waited_for(self) -> None:
        """Else it would replace what was brought back."""
        scene = Scene(deploy_s=30.0)
        hand = _hand(scene)
        platform = scene.world().platform
        platform.pin(API, Pin.of_commit(NEW))
        platform.trigger(API)
        STEP.revert(hand.context())
        scene.world().clock.sleep(3600.0)
        assert scene.serving == OLD

    def test_one_that_does_not_come_back_needs_a_person(self) -> None:
        """What answers instead, and what to do."""
        scene = Scene(runs_instead={(API, OLD): NEW})
        with pytest.raises(NeedsPersonError, match=r"b0+ answers, expected a0+") as caught:
            STEP.revert(_deployed(scene).context())
        assert caught.value.hint == f"deploy {OLD[:12]} in Coolify, then: invoke health.check --env prod"
