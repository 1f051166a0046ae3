"""Step 6: new beside old, then only new; or the old one again, proven."""

from dataclasses import replace

import pytest

from gonogo.errors import NeedsPersonError, StepFailedError
from gonogo.model import AppSnapshot, Pin, PinKind, Readiness, Snapshot
from gonogo.steps.api_rollout import ApiRollout
from gonogo.testing import API, NEW, OLD, WORKER, Scene
from tests.unit.releases import CONFIG, Hand, planned

STEP = ApiRollout()


def _hand(scene: Scene) -> Hand:
    """Return the step's context."""
    return Hand(scene=scene, step="api-rollout", plan=planned(scene))


def _answer(scene: Scene) -> Readiness:
    """Return what the ready probe says."""
    return scene.world().service.ready()


def _deployed(scene: Scene, replicas: int = 1) -> Hand:
    """Return the step's context after its deployment."""
    hand = _hand(scene)
    hand.config = replace(CONFIG, target=replace(CONFIG.target, replicas=replicas))
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
        assert evidence == {
            "serving": NEW[:12],
            "probes": "21, each on a fresh connection",
            "replicas": "1 seen, 1 expected",
            "build": "build-b",
            "configuration": "f1",
        }
        assert scene.seconds >= 5.0

    def test_every_replica_must_be_seen(self) -> None:
        """Three that answer in turn are three; of three that are expected, two are not all."""
        three, two = (
            _deployed(Scene(replicas=("a", "b", "c")), replicas=3),
            _deployed(Scene(replicas=("a", "b")), replicas=3),
        )
        assert STEP.verify(three.context()).evidence["replicas"] == "3 seen, 3 expected"
        with pytest.raises(StepFailedError, match=r"2 of 3 replicas answered .* probes: the others do not run"):
            STEP.verify(two.context())

    def test_more_replicas_than_expected_are_told(self) -> None:
        """One that restarts counts anew."""
        proof = STEP.verify(_deployed(Scene(replicas=("a", "b"), schema="r2")).context())
        assert [(each.rule, each.severity.value) for each in proof.findings] == [("api-replicas", "advise")]
        assert "2 processes of the API answered, 1 expected" in proof.findings[0].message

    def test_replicas_that_cannot_be_told_apart_are_told(self) -> None:
        """All of them may be one."""
        scene = Scene(schema="r2")
        hand = _deployed(scene, replicas=2)
        scene.answers = (replace(_answer(scene), replica=None),)
        proof = STEP.verify(hand.context())
        assert proof.evidence["replicas"] == "not told apart"
        assert "whether all 2 were seen is not known" in proof.findings[0].message

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"commit": OLD}, "a0+ answers, expected b0+"),
            ({"build_id": "other"}, "two builds of b0+ answer"),
            ({"fingerprint": "f2"}, "processes of b0+ answer that are not set up alike"),
        ],
        ids=["commit", "build", "configuration"],
    )
    def test_one_of_many_answers_that_differs_is_a_failure(self, changes: dict[str, str], words: str) -> None:
        """One in fifteen: a replica that was left behind meets few of the requests, and all that meet it."""
        scene = Scene()
        hand = _deployed(scene)
        new = _answer(scene)
        scene.answers = (*[new] * 14, replace(new, **changes))  # type: ignore[arg-type]  # its own fields
        with pytest.raises(StepFailedError, match=words):
            STEP.verify(hand.context())

    def test_another_schema_than_planned_is_told(self) -> None:
        """Somebody migrated beside the release."""
        scene = Scene(schema="r2")
        hand = _deployed(scene)
        assert STEP.verify(hand.context()).findings == ()
        scene.schema = "r9"
        (finding,) = STEP.verify(hand.context()).findings
        assert (finding.rule, finding.message) == ("api-schema", "the API sees the schema at r9, planned was r2")

    def test_an_image_is_pinned_by_its_tag(self) -> None:
        """And the way back goes to the one that was pinned before."""
        scene = Scene(images={API: "registry/app"}, pinned={API: OLD, WORKER: "HEAD"})
        hand = _hand(scene)
        hand.config = replace(hand.config, artifact=replace(hand.config.artifact, image_tag="{commit}"))
        STEP.apply(hand.context())
        assert (scene.serving, scene.pinned[API]) == (NEW, NEW)
        STEP.revert(hand.context())
        assert (scene.serving, scene.pinned[API]) == (OLD, OLD)

    def test_the_image_that_is_gone_back_to_is_the_one_that_was_noted(self) -> None:
        """Nobody needs to say how a commit is tagged; another configuration than then is told."""
        scene = Scene(images={API: "registry/app"}, pinned={API: OLD, WORKER: "HEAD"})
        hand = _hand(scene)
        noted = Pin(kind=PinKind.TAG, ref="v7", image="registry/app")
        api = AppSnapshot(uuid=API, pin=noted, fingerprint="f0")
        goal = Snapshot(commit=NEW, schema_revision="r2", api=api, worker=replace(api, uuid=WORKER))
        hand.plan = replace(planned(scene), goal=goal)
        scene.runs_instead[API, "v7"] = NEW
        STEP.apply(hand.context())
        assert scene.pinned[API] == "v7"
        scene.schema = "r2"
        (finding,) = STEP.verify(hand.context()).findings
        assert (finding.rule, "gone back to: f0 then, f1 now" in finding.message) == ("api-configuration", True)

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

    def test_a_configuration_that_has_changed_since_is_told(self) -> None:
        """It comes back as Coolify has it now, which a rollback cannot change."""
        scene = Scene()
        hand = _deployed(scene)
        scene.fingerprint = "f2"
        (finding,) = STEP.revert(hand.context()).findings
        assert (finding.rule, finding.severity.value) == ("api-configuration", "advise")
        assert "f1 then, f2 now" in finding.message

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
