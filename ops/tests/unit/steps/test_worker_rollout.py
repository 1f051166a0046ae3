"""Step 7: Coolify calls a crash-looping worker finished; heartbeats and a job say the truth."""

from dataclasses import replace

import pytest

from gonogo.errors import NeedsPersonError, StepFailedError
from gonogo.model import AppSnapshot, JobState, Pin, PinKind, Snapshot, WorkerBeat
from gonogo.steps.worker_rollout import WorkerRollout
from gonogo.testing import API, NEW, OLD, WORKER, Died, Scene
from tests.unit.releases import Hand, planned

STEP = WorkerRollout()


def _hand(scene: Scene) -> Hand:
    """Return the step's context."""
    return Hand(scene=scene, step="worker-rollout", plan=planned(scene))


def _deployed(scene: Scene) -> Hand:
    """Return the step's context after its deployment."""
    hand = _hand(scene)
    STEP.apply(hand.context())
    return hand


def _beat(commit: str, state: str = "running", age_s: float = 1.0) -> WorkerBeat:
    """Return a heartbeat."""
    return WorkerBeat(id="w", commit=commit, state=state, age_s=age_s)


class TestForward:
    """check, apply, verify."""

    def test_the_image_that_is_gone_back_to_is_the_one_that_was_noted(self) -> None:
        """Nobody needs to say how a commit is tagged; another configuration than then is told."""
        scene = Scene(images={WORKER: "registry/app"}, serving=NEW)
        hand = _hand(scene)
        noted = Pin(kind=PinKind.TAG, ref="v7", image="registry/app")
        worker = AppSnapshot(uuid=WORKER, pin=noted, fingerprint="f0")
        goal = Snapshot(commit=NEW, schema_revision="r2", api=replace(worker, uuid=API), worker=worker)
        hand.plan = replace(planned(scene), goal=goal)
        scene.runs_instead[WORKER, "v7"] = NEW
        STEP.apply(hand.context())
        assert scene.pinned[WORKER] == "v7"
        found = {each.rule: each.message for each in STEP.verify(hand.context()).findings}
        assert "gone back to: f0 then, f1 now" in found["worker-configuration"]

    @pytest.mark.parametrize(
        ("beats", "is_so"),
        [
            ((_beat(NEW),), True),
            ((_beat(NEW), _beat(OLD, "stopped")), True),
            ((_beat(NEW), _beat(OLD, age_s=60.0)), True),
            ((_beat(NEW), _beat(OLD)), False),
            ((_beat(NEW), _beat(OLD, "stopping")), False),
            ((_beat(OLD),), False),
            ((), False),
        ],
    )
    def test_it_is_already_so_when_only_the_target_s_workers_beat(
        self, beats: tuple[WorkerBeat, ...], is_so: bool
    ) -> None:
        """Stopped and silent ones do not count."""
        scene = Scene()
        hand = _hand(scene)
        scene.beats = beats
        assert STEP.check(hand.context()) is is_so

    def test_only_the_worker_is_deployed(self) -> None:
        """Its deployment's id is noted."""
        scene = Scene()
        hand = _deployed(scene)
        assert (scene.serving, scene.working) == (OLD, NEW)
        assert hand.notes["worker-rollout"]["deployment"] == "d1"

    def test_the_proof_is_a_heartbeat_and_a_job(self) -> None:
        """API, Redis, worker and Postgres in one; the job's id is noted."""
        hand = _deployed(Scene(serving=NEW))
        evidence = STEP.verify(hand.context()).evidence
        assert (evidence["beating"], evidence["canary job"]) == (NEW[:12], f"job done by {NEW[:12]}")
        assert "told over Redis" in evidence["canary way"]
        assert hand.notes["worker-rollout"]["canary"] == "job"

    def test_how_the_old_workers_stopped_is_told(self) -> None:
        """Those that were there before the deployment are noted before it, and looked up after it."""
        hand = _deployed(Scene(serving=NEW))
        words = "1 stopped after 0.5 s; of 2 jobs in flight 1 ended, 1 handed back, 0 left to their leases"
        assert hand.notes["worker-rollout"]["deploy_old"] == ["w1"]
        assert STEP.verify(hand.context()).evidence["old workers"] == words

    def test_they_are_noted_once(self) -> None:
        """A process that goes on must not take those that came since for old ones, nor forget the old ones."""
        scene = Scene(die_after=("platform.trigger", 1))
        hand = _hand(scene)
        with pytest.raises(Died):
            STEP.apply(hand.context())
        STEP.apply(hand.context())
        assert hand.notes["worker-rollout"]["deploy_old"] == ["w1"]

    def test_a_canary_that_the_old_api_queued_is_a_failure(self) -> None:
        """The new API has to be in the chain."""
        scene = Scene(serving=NEW)
        hand = _deployed(scene)
        scene.serving = OLD
        with pytest.raises(StepFailedError, match=r"was queued by a0+; expected b0+"):
            STEP.verify(hand.context())

    @pytest.mark.parametrize(
        ("instead", "words"),
        [(None, "workers beating: none; expected only b0"), (OLD, "workers beating: a0+; expected only b0")],
    )
    def test_a_worker_that_is_not_the_new_one_is_a_failure(self, instead: str | None, words: str) -> None:
        """None beats, or another one."""
        with pytest.raises(StepFailedError, match=words):
            STEP.verify(_deployed(Scene(runs_instead={(WORKER, NEW): instead})).context())

    def test_an_old_worker_that_still_beats_is_a_failure(self) -> None:
        """It would run jobs with old code."""
        scene = Scene()
        hand = _deployed(scene)
        scene.beats = (_beat(NEW), _beat(OLD))
        with pytest.raises(StepFailedError, match=r"workers beating: a0{11}, b0{11}; expected only b0{11}"):
            STEP.verify(hand.context())

    @pytest.mark.parametrize(
        ("status", "commit", "words"),
        [
            ("queued", None, "still queued"),
            ("running", None, "still running"),
            ("failed", NEW, "failed by b0"),
            ("done", OLD, "done by a0"),
        ],
    )
    def test_a_job_that_the_new_worker_did_not_do_is_a_failure(
        self, status: str, commit: str | None, words: str
    ) -> None:
        """A heartbeat is not work."""
        scene = Scene(canary=JobState(id="job", status=status, commit=commit, error=None))
        with pytest.raises(StepFailedError, match=f"the canary job job is {words}"):
            STEP.verify(_deployed(scene).context())

    def test_a_job_is_waited_for_and_not_for_ever(self) -> None:
        """Half a minute by default, after the settling time."""
        scene = Scene(canary=JobState(id="job", status="queued", commit=None, error=None))
        with pytest.raises(StepFailedError):
            STEP.verify(_deployed(scene).context())
        assert 35.0 <= scene.seconds < 37.0


class TestBack:
    """revert."""

    def test_the_previous_version_is_deployed_and_proven_the_same_way(self) -> None:
        """By heartbeat and job."""
        scene = Scene()
        evidence = STEP.revert(_deployed(scene).context()).evidence
        assert (scene.working, evidence["canary job"]) == (OLD, f"job done by {OLD[:12]}")

    def test_what_never_left_is_not_deployed_again(self) -> None:
        """It is pinned, so that the next restart keeps it."""
        scene = Scene(runs_instead={(WORKER, NEW): OLD})
        STEP.revert(_deployed(scene).context())
        assert (scene.counts["platform.trigger"], scene.pinned[WORKER]) == (1, OLD)

    def test_a_deployment_that_lands_late_is_waited_for(self) -> None:
        """Else it would replace what was brought back."""
        scene = Scene(deploy_s=30.0)
        hand = _hand(scene)
        platform = scene.world().platform
        platform.pin(WORKER, Pin.of_commit(NEW))
        platform.trigger(WORKER)
        STEP.revert(hand.context())
        scene.world().clock.sleep(3600.0)
        assert scene.working == OLD

    def test_one_that_does_not_come_back_needs_a_person(self) -> None:
        """What beats instead, and what to do."""
        scene = Scene(runs_instead={(WORKER, OLD): None})
        with pytest.raises(NeedsPersonError, match="workers beating: none") as caught:
            STEP.revert(_deployed(scene).context())
        assert "invoke health.check --env prod" in caught.value.hint
