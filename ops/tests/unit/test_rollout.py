"""A deployment told by what can be observed: asked for once, waited for to its true end."""

from dataclasses import replace

import pytest

from gonogo import rollout
from gonogo.errors import RefusedError, StepFailedError
from gonogo.model import Deployment
from gonogo.protocols import Context
from gonogo.testing import API, NEW, OLD, WORKER, Died, Scene
from tests.unit.releases import Hand

FOREIGN = Deployment(uuid="foreign", number=1, application_uuid=API, commit=OLD, status="in_progress", ended=False)


def _order(hand: Hand, prefix: str = "deploy") -> rollout.Order:
    """Return the order to deploy the new API, with what was noted so far."""
    return rollout.Order(app_uuid=API, commit=NEW, prefix=prefix, notes=dict(hand.notes.get("api-rollout", {})))


def _hand(scene: Scene) -> Hand:
    """Return the API rollout's context over a scene."""
    return Hand(scene=scene, step="api-rollout")


def _deployed(hand: Hand, prefix: str = "deploy") -> Deployment:
    """Deploy the new API in a new process, and return what came of it."""
    context = hand.context()
    return rollout.deploy(context, _order(hand, prefix))


def _triggers(scene: Scene) -> int:
    """Return how many deployments were asked for."""
    return scene.counts["platform.trigger"]


class TestDeploy:
    """deploy."""

    def test_the_commit_is_pinned_before_the_deployment_is_asked_for(self) -> None:
        """Coolify builds what is pinned, not what is asked for."""
        scene = Scene()
        _deployed(_hand(scene))
        assert scene.calls == [f"platform.pin {API} {NEW}", f"platform.trigger {API} {NEW}"]

    def test_ids_are_noted_before_and_after_the_request(self) -> None:
        """What came before, that it is asked for, and its id."""
        hand = _hand(Scene())
        _deployed(hand)
        assert hand.notes["api-rollout"] == {"deploy_after": 0, "deploy_asked": NEW, "deploy_id": "d1"}

    def test_it_is_waited_for_to_its_end(self) -> None:
        """Not only until it was taken."""
        scene = Scene(deploy_s=30.0)
        ours = _deployed(_hand(scene))
        assert (ours.status, ours.ended, scene.seconds >= 30.0) == ("finished", True, True)

    def test_finished_is_not_over_before_its_job_has_ended(self) -> None:
        """Coolify says finished while the old container is still being stopped."""
        scene = Scene(deploy_s=30.0, linger_s=60.0)
        assert _deployed(_hand(scene)).ended
        assert scene.seconds >= 90.0

    @pytest.mark.parametrize("status", ["failed", "cancelled-by-user"])
    def test_any_other_end_is_a_failure(self, status: str) -> None:
        """It says how the deployment ended, and which."""
        with pytest.raises(StepFailedError, match=f"d1 of b00000000000 ended as {status}"):
            _deployed(_hand(Scene(deploy_ends={NEW: status})))

    @pytest.mark.parametrize("status", ["queued", "in_progress"])
    def test_a_deployment_that_never_ends_is_a_failure_in_time(self, status: str) -> None:
        """After the longest that one may take, and not before."""
        scene = Scene(deploy_ends={NEW: status})
        with pytest.raises(StepFailedError, match=f"still {status} after 900 s"):
            _deployed(_hand(scene))
        assert 900.0 <= scene.seconds < 910.0

    def test_a_refusal_is_passed_on(self) -> None:
        """Coolify said no: nothing was queued."""
        scene = Scene(fail_at={"platform.trigger": RefusedError("deploy-refused", "the queue is full")})
        with pytest.raises(RefusedError, match="the queue is full"):
            _deployed(_hand(scene))


class TestLost:
    """An answer that never came, or an id that does not exist."""

    @pytest.mark.parametrize("scene", [Scene(lost_answers=1), Scene(phantom_ids=1)], ids=["lost", "phantom"])
    def test_the_deployment_is_adopted(self, scene: Scene) -> None:
        """It came after the pin and is of our commit, so it is ours; it is asked for once."""
        assert (_deployed(_hand(scene)).uuid, _triggers(scene)) == ("d1", 1)

    @pytest.mark.parametrize("mishap", ["lost_answers", "phantom_ids"])
    def test_it_may_show_up_late(self, mishap: str) -> None:
        """Coolify's list lags."""
        scene = Scene(appears_s=6.0)
        setattr(scene, mishap, 1)
        assert (_deployed(_hand(scene)).uuid, _triggers(scene)) == ("d1", 1)

    def test_one_that_never_shows_up_is_a_failure(self) -> None:
        """Asking again could deploy twice."""
        scene = Scene(swallowed=1)
        with pytest.raises(StepFailedError, match="Coolify shows none"):
            _deployed(_hand(scene))
        assert _triggers(scene) == 1

    @pytest.mark.parametrize("mishap", ["swallowed", "phantom_ids"])
    def test_it_is_not_asked_for_again_by_the_next_process_either(self, mishap: str) -> None:
        """The journal knows that it was asked for."""
        scene = Scene(appears_s=3600.0)
        setattr(scene, mishap, 1)
        hand = _hand(scene)
        with pytest.raises(StepFailedError, match="Coolify shows none"):
            _deployed(hand)
        with pytest.raises(StepFailedError, match="Coolify shows none"):
            _deployed(hand)
        assert _triggers(scene) == 1

    def test_an_older_deployment_of_the_same_commit_is_not_adopted(self) -> None:
        """It ended before we pinned: what it brought may be gone again."""
        scene = Scene(deployments=[replace(FOREIGN, commit=NEW, status="finished", ended=True)])
        assert _deployed(_hand(scene)).uuid == "d2"

    def test_a_newer_deployment_of_another_commit_is_not_adopted(self) -> None:
        """Somebody else's."""
        scene = Scene(swallowed=1)
        hand = _hand(scene)
        hand.notes["api-rollout"] = {"deploy_after": 0}
        scene.deployments.append(replace(FOREIGN, status="finished", ended=True))
        with pytest.raises(StepFailedError, match="Coolify shows none"):
            _deployed(hand)


class TestTakenUp:
    """A process that goes on where another was killed."""

    def test_a_noted_deployment_is_waited_for(self) -> None:
        """It is not asked for again."""
        scene = Scene(deploy_s=60.0)
        hand = _hand(scene)
        _deployed(hand)
        assert (_deployed(hand).uuid, _triggers(scene)) == ("d1", 1)

    def test_one_without_a_noted_id_is_adopted(self) -> None:
        """Killed between the request and the note, with the list lagging."""
        scene = Scene(die_after=("platform.trigger", 1), appears_s=4.0)
        hand = _hand(scene)
        with pytest.raises(Died):
            _deployed(hand)
        assert (_deployed(hand).uuid, _triggers(scene)) == ("d1", 1)

    def test_one_that_never_went_out_is_asked_for(self) -> None:
        """Killed between the note and the request: nothing is lost either."""
        scene = Scene(die_at=("platform.trigger", 1))
        hand = _hand(scene)
        with pytest.raises(Died):
            _deployed(hand)
        assert (_deployed(hand).uuid, _triggers(scene)) == ("d1", 1)

    def test_the_way_back_does_not_take_up_the_way_there(self) -> None:
        """The two never share a note."""
        hand = _hand(Scene())
        _deployed(hand)
        assert _deployed(hand, "revert").uuid == "d2"


class TestSettle:
    """settle."""

    def test_nothing_active_is_settled_at_once(self) -> None:
        """No time passes."""
        scene = Scene()
        rollout.settle(_context(scene), API)
        assert scene.seconds == 0.0

    def test_an_active_deployment_is_waited_for(self) -> None:
        """Whoever asked for it."""
        scene = Scene(deploy_s=30.0)
        scene.world().platform.trigger(API)
        rollout.settle(_context(scene), API)
        assert scene.seconds >= 30.0

    def test_another_application_s_deployment_is_not(self) -> None:
        """Each application has its own queue."""
        scene = Scene(deployments=[replace(FOREIGN, application_uuid=WORKER)])
        rollout.settle(_context(scene), API)
        assert scene.seconds == 0.0

    def test_one_that_does_not_end_is_a_failure(self) -> None:
        """It says which application, and what to do."""
        with pytest.raises(StepFailedError, match="api-uuid is still running after 900 s") as caught:
            rollout.settle(_context(Scene(deployments=[FOREIGN])), API)
        assert "cancel it in Coolify" in caught.value.hint


class TestSteady:
    """steady and until."""

    def test_it_must_be_so_for_the_settling_time(self) -> None:
        """Once is not enough."""
        scene = Scene()
        assert rollout.steady(_context(scene), lambda: True)
        assert scene.seconds >= 5.0

    def test_a_break_starts_the_time_anew(self) -> None:
        """Two versions that take turns are never steady."""
        scene = Scene()
        assert not rollout.steady(_context(scene), lambda: int(scene.seconds) % 4 != 0)
        assert scene.seconds >= 60.0

    def test_one_break_is_forgiven(self) -> None:
        """Old for ten seconds, then new."""
        scene = Scene()
        assert rollout.steady(_context(scene), lambda: scene.seconds >= 10.0)
        assert 15.0 <= scene.seconds < 17.0

    def test_asking_stops_as_soon_as_it_is_so(self) -> None:
        """No pause after the last question."""
        scene = Scene()
        assert rollout.until(scene.world().clock, 10.0, 1.0, lambda: scene.seconds >= 3.0)
        assert scene.seconds == 3.0

    def test_it_is_asked_at_least_once(self) -> None:
        """Also without any time."""
        assert rollout.until(Scene().world().clock, 0.0, 1.0, lambda: True)


def _context(scene: Scene) -> Context:
    """Return a context over a scene, planned as if nothing else was going on."""
    running, scene.deployments = scene.deployments, []
    hand = _hand(scene)
    context = hand.context()
    scene.deployments = running
    return context
