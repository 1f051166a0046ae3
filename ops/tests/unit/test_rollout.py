"""A deployment told by what can be observed: asked for once, waited for to its true end."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gonogo import rollout
from gonogo.errors import RefusedError, StepFailedError
from gonogo.model import Deployment, Pin, PinKind
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


def _begun(hand: Hand) -> Deployment:
    """Let a process die once it has asked for the new API, and return what it has asked for."""
    hand.scene.die_after = ("platform.trigger", 1)
    with pytest.raises(Died):
        _deployed(hand)
    return hand.scene.deployments[0]


def _deployed_image(hand: Hand) -> Deployment:
    """Deploy the new API's image in a new process."""
    pin = Pin(kind=PinKind.TAG, ref=NEW, image="registry/app")
    return rollout.deploy(hand.context(), replace(_order(hand), pin=pin))


def _swallowing_second(hand: Hand) -> Context:
    """Return a context whose second request for a deployment is neither obeyed nor answered."""
    context = hand.context()

    def note(notes: Mapping[str, Any]) -> None:
        hand.scene.swallowed += "deploy_forced" in notes
        context.note(notes)

    return replace(context, note=note)


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
        pinned = {
            "deploy_was": {"kind": "commit", "ref": "HEAD", "image": ""},
            "deploy_pin": {"kind": "commit", "ref": NEW, "image": ""},
        }
        assert hand.notes["api-rollout"] == {**pinned, "deploy_after": 0, "deploy_asked": NEW, "deploy_id": "d1"}

    def test_what_was_pinned_is_noted_before_the_pin(self) -> None:
        """A process that is killed at the pin leaves behind what to go back to."""
        scene = Scene(die_at=("platform.pin", 1))
        hand = _hand(scene)
        with pytest.raises(Died):
            _deployed(hand)
        assert (hand.notes["api-rollout"]["deploy_was"]["ref"], scene.pinned[API]) == ("HEAD", "HEAD")
        _deployed(hand)
        assert hand.notes["api-rollout"]["deploy_was"]["ref"] == "HEAD"

    def test_somebody_s_deployment_is_waited_for_before_the_pin(self) -> None:
        """It is not to build what we pin, and ours is not to be taken for its repetition."""
        scene = Scene(deploy_s=30.0)
        hand = _hand(scene)
        hand.context()
        scene.world().platform.trigger(API)
        _deployed(hand)
        assert [call.split()[0] for call in scene.calls] == ["platform.trigger", "platform.pin", "platform.trigger"]
        assert scene.seconds >= 60.0

    def test_a_row_from_before_the_pin_is_not_ours(self) -> None:
        """What was asked for before the pin is remembered after it, whatever commit it says."""
        scene = Scene(deployments=[replace(FOREIGN, commit=NEW, status="finished", ended=True)], lost_answers=1)
        hand = _hand(scene)
        assert (_deployed(hand).uuid, hand.notes["api-rollout"]["deploy_after"]) == ("d2", 1)

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
        with pytest.raises(StepFailedError, match=f"d1 of commit b00000000000 ended as {status}") as caught:
            _deployed(_hand(Scene(deploy_ends={NEW: status})))
        assert caught.value.why == "what runs now is not known from how a deployment ended"

    def test_one_that_somebody_cancelled_is_said_to_be(self) -> None:
        """Coolify does not clean up then."""
        with pytest.raises(
            StepFailedError, match="somebody cancelled it, and the old and the new container may both run"
        ):
            _deployed(_hand(Scene(deploy_ends={NEW: "cancelled-by-user"})))

    def test_one_that_a_restart_of_coolify_failed_has_no_end(self) -> None:
        """Its row fails without the time of its end."""
        with pytest.raises(
            StepFailedError, match="ended as failed, and Coolify says no end: it was restarted meanwhile"
        ):
            _deployed(_hand(Scene(deploy_ends={NEW: "failed"}, linger_s=9e9)))

    def test_one_whose_job_never_ends_is_a_failure_in_time(self) -> None:
        """Finished, with a post-deployment command that hangs."""
        with pytest.raises(StepFailedError, match="is finished, and its job has not ended after 900 s"):
            _deployed(_hand(Scene(linger_s=9e9)))

    @pytest.mark.parametrize(
        ("status", "words"), [("queued", "it never began"), ("in_progress", "it began, and may still bring the new")]
    )
    def test_one_that_hangs_says_what_is_known_of_it(self, status: str, words: str) -> None:
        """Whether it began, and how to be rid of it."""
        with pytest.raises(StepFailedError, match=words) as caught:
            _deployed(_hand(Scene(deploy_ends={NEW: status})))
        assert caught.value.hint == "in Coolify: Deployments, read its log and cancel d1"

    def test_somebody_s_deployment_on_top_of_ours_is_a_failure(self) -> None:
        """It says whose is which: what runs is not ours to say."""
        scene = Scene(deploy_s=30.0)
        hand = _hand(scene)
        ours = _begun(hand)
        scene.deployments.append(replace(FOREIGN, number=2, status="finished", ended=True))
        with pytest.raises(
            StepFailedError, match=r"somebody's deployment foreign of a0+ .finished. came after ours, d1"
        ):
            _deployed(hand)
        assert ours.uuid == "d1"

    def test_a_later_deployment_of_the_same_is_waited_for(self) -> None:
        """Coolify adds one for each further server once the first has it."""
        scene = Scene(deploy_s=30.0)
        hand = _hand(scene)
        _begun(hand)
        scene.seconds += 20.0
        scene.world().platform.trigger(API)
        assert (_deployed(hand).uuid, scene.seconds >= 50.0) == ("d1", True)

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

    @pytest.mark.parametrize(("mishap", "asked"), [("swallowed", 1), ("phantom_ids", 2)])
    def test_it_is_not_asked_for_again_by_the_next_process_either(self, mishap: str, asked: int) -> None:
        """The journal knows that it was asked for; an invented id was asked for anew, once."""
        scene = Scene(appears_s=3600.0)
        setattr(scene, mishap, 2)
        hand = _hand(scene)
        with pytest.raises(StepFailedError, match="Coolify shows none"):
            _deployed(hand)
        with pytest.raises(StepFailedError, match="Coolify shows none"):
            _deployed(hand)
        assert _triggers(scene) == asked

    def test_one_that_was_skipped_is_asked_for_anew_once_the_other_has_ended(self) -> None:
        """Coolify took it for a repetition: the new request is journalled, and says that it is none."""
        scene = Scene(skipped=1, deploy_s=30.0)
        hand = _hand(scene)
        assert (_deployed(hand).uuid, _triggers(scene), scene.counts["platform.skip"]) == ("d1", 1, 1)
        assert (hand.notes["api-rollout"]["deploy_forced"], scene.serving) == (NEW, NEW)

    @pytest.mark.parametrize("place", ["die_at", "die_after"])
    def test_the_new_request_is_not_repeated_either(self, place: str) -> None:
        """Killed around it: what it has made is adopted, and what it has not is asked for."""
        scene = Scene(skipped=1)
        setattr(scene, place, ("platform.trigger", 1))
        hand = _hand(scene)
        with pytest.raises(Died):
            _deployed(hand)
        assert (_deployed(hand).uuid, len(scene.deployments)) == ("d1", 1)

    def test_a_new_request_whose_answer_is_lost_is_not_repeated(self) -> None:
        """From then on nobody knows."""
        scene = Scene(skipped=1)
        hand = _hand(scene)
        with pytest.raises(StepFailedError, match="Coolify shows none"):
            rollout.deploy(_swallowing_second(hand), _order(hand))
        with pytest.raises(StepFailedError, match="Coolify shows none"):
            _deployed(hand)
        assert (_triggers(scene), hand.notes["api-rollout"]["deploy_lost"]) == (1, NEW)

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


class TestImages:
    """Applications that run a ready-made image."""

    def test_the_tag_is_pinned_and_its_row_adopted(self) -> None:
        """Its row says HEAD: what came after the pin brings what is pinned."""
        scene = Scene(images={API: "registry/app"}, lost_answers=1)
        hand = _hand(scene)
        assert _deployed_image(hand).commit == "HEAD"
        assert (scene.serving, hand.notes["api-rollout"]["deploy_pin"]["image"]) == (NEW, "registry/app")

    def test_somebody_s_later_deployment_brings_the_same_and_is_waited_for(self) -> None:
        """Which image is pulled is decided by the pin when a deployment begins."""
        scene = Scene(images={API: "registry/app"}, deploy_s=30.0)
        hand = _hand(scene)
        scene.die_after = ("platform.trigger", 1)
        with pytest.raises(Died):
            _deployed_image(hand)
        scene.seconds += 20.0
        scene.world().platform.trigger(API)
        assert (_deployed_image(hand).uuid, scene.seconds >= 50.0) == ("d1", True)

    def test_somebody_s_rollback_to_another_tag_is_not_taken_for_ours(self) -> None:
        """Its row names that tag, whatever is pinned."""
        scene = Scene(images={API: "registry/app"})
        hand = _hand(scene)
        scene.die_after = ("platform.trigger", 1)
        with pytest.raises(Died):
            _deployed_image(hand)
        scene.deployments.append(replace(FOREIGN, number=2, commit="other-tag", status="failed", ended=True))
        with pytest.raises(StepFailedError, match="foreign of other-tag") as caught:
            _deployed_image(hand)
        assert caught.value.reference == "deployment-superseded"


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
