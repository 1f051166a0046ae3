"""Step 9: not only good at once, but good for a while."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from gonogo.errors import RefusedError, StepFailedError, UnreachableError
from gonogo.model import JobState, Limits, Outcomes, QueueRow, Readiness, Request, Severity, WorkerBeat
from gonogo.protocols import Context, Proof, World
from gonogo.steps.bake import Bake
from gonogo.testing import API, NEW, OLD, WORKER, MemoryService, Scene, config
from tests.unit.releases import Hand, planned

STEP = Bake()
LIMITS = config().target.limits
# The scene's clock starts here, in seconds since the epoch.
EPOCH = 1767225600.0


def _request(second: float, *, failed: bool = False) -> Request:
    """Return a request that was sent so many seconds after the scene began."""
    return Request(at=EPOCH + second, ms=5.0, status=200, failed=failed, kind="read")


def _serving(scene: Scene, limits: Limits | None = None, **target: Any) -> Hand:
    """Return the step's hand over a scene where the target serves and works."""
    decided = planned(Scene())
    scene.serving, scene.working = NEW, NEW if scene.working else None
    told = config(limits=limits)
    return Hand(scene=scene, step="bake", plan=decided, config=replace(told, target=replace(told.target, **target)))


def _watched(scene: Scene, limits: Limits | None = None, **target: Any) -> Hand:
    """Return the step's hand after the watch."""
    hand = _serving(scene, limits, **target)
    STEP.apply(hand.context())
    return hand


def _proof(scene: Scene, limits: Limits | None = None, **target: Any) -> Proof:
    """Return what the step proves after the watch."""
    return STEP.verify(_watched(scene, limits, **target).context())


def _over(hand: Hand, answer: Callable[[World], World]) -> Context:
    """Return the step's context over a world that was changed."""
    context = hand.context()
    return replace(context, world=answer(context.world))


class _Flaky(MemoryService):
    """A service that fails some of its probes."""

    every = 3

    def ready(self) -> Readiness:
        """Fail each third probe."""
        self.scene.counts["ready"] += 1
        answer = super().ready()
        is_bad = self.scene.counts["ready"] % self.every == 0
        return replace(answer, ready=False, detail="redis: refused") if is_bad else answer


class _Flapping(MemoryService):
    """A worker that has another id at each look."""

    def workers(self) -> tuple[WorkerBeat, ...]:
        """Return one worker, never the same."""
        self.scene.counts["look"] += 1
        return (WorkerBeat(id=f"w{self.scene.counts['look']}", commit=NEW, state="running", age_s=0.1),)


def test_it_is_watched_for_the_whole_time_at_the_stated_rate() -> None:
    """Ten seconds, ten probes a second; a break starts anew."""
    scene = Scene()
    hand = _watched(scene)
    assert (round(scene.seconds, 3), hand.notes["bake"]["seen"]["probes"]) == (
        LIMITS.bake_s,
        LIMITS.bake_s * LIMITS.bake_rate,
    )
    assert not STEP.check(hand.context())


def test_what_was_seen_is_the_proof() -> None:
    """How long, by what, and what each signal says."""
    assert _proof(Scene(requests=(_request(1.0),))).evidence == {
        "watched": "10 s: 100 probes, 6 looks at the workers, 5 canary jobs, 1 requests of others",
        "probes": "0 of 100 failed, 1.0% allowed; by 95 of 100 no more than 2.6% do",
        "latency": "p95 2 ms, 1000 ms allowed",
        "requests": "0 of 1 failed, 1.0% allowed",
        "canary jobs": "0 of 5 did not come back from the target",
        "jobs": "0 of 0 that ended were given up, 5% allowed",
        "queue": "0 ready, 0 at first; the oldest for 0 s",
        "workers": "1 beating, 0 replaced, none at 0 of 6 looks",
        "restarts": "Coolify counts 0 more",
    }


def test_requests_before_the_watch_are_not_its_own() -> None:
    """The rollout's are counted elsewhere."""
    scene = Scene(requests=(_request(-1.0, failed=True), _request(0.0)))
    assert _watched(scene).notes["bake"]["seen"]["requests"] == 1


def test_what_was_counted_is_noted_again_and_again() -> None:
    """A process that dies leaves how far it came; the next one watches the whole again."""
    scene = Scene()
    notes: list[dict[str, Any]] = []
    context = _serving(scene).context()
    STEP.apply(replace(context, note=lambda noted: notes.append(dict(noted))))
    STEP.apply(replace(context, note=lambda noted: notes.append(dict(noted))))
    assert [each["seen"]["probes"] for each in notes] == [20, 40, 60, 80, 100] * 2


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (
            Scene(requests=tuple(_request(1.0, failed=True) for _ in range(10))),
            "requests: 10 of 10 failed, 1.0% allowed",
        ),
        (Scene(unready={NEW: "redis: refused"}), "failed, 1.0% allowed; the first: redis: refused"),
        (Scene(probe_ms=1500.0), "p95 1500 ms, 1000 ms allowed"),
        (Scene(working=None), "no worker beats any more"),
        (Scene(canary=JobState(id="job", status="done", commit=OLD, error=None)), "job is done by a00000000000"),
        (Scene(canary=JobState(id="job", status="queued", commit=None, error=None)), "job did not end within 30 s"),
        (Scene(outcomes=Outcomes(ended=20, failed=10)), "10 of 20 that ended were given up, 5% allowed"),
    ],
    ids=["requests", "probes", "latency", "worker", "canary-by-old", "canary-late", "jobs"],
)
def test_a_limit_that_is_crossed_is_a_failure(scene: Scene, words: str) -> None:
    """Which one, and by how much."""
    with pytest.raises(StepFailedError, match=words) as caught:
        _proof(scene)
    assert caught.value.reference == "bake-failed"


def test_another_version_that_answers_is_a_bad_probe() -> None:
    """However well it answers."""
    hand = Hand(scene=Scene(), step="bake")
    STEP.apply(hand.context())
    seen = hand.notes["bake"]["seen"]
    assert (seen["bad"], seen["why_bad"]) == (seen["probes"], "a00000000000 answered")


def test_every_limit_that_is_crossed_is_told() -> None:
    """Not only the first."""
    with pytest.raises(StepFailedError, match=r"p95 .*; workers: no worker"):
        _proof(Scene(probe_ms=1500.0, working=None))


def test_a_release_that_is_lost_is_not_watched_to_the_end() -> None:
    """Users are waiting."""
    scene = Scene(unready={NEW: "redis: refused"})
    _watched(scene, Limits(bake_s=300.0))
    assert scene.seconds < 30


def test_a_share_within_the_limit_is_good() -> None:
    """One of more than a hundred."""
    good = tuple(_request(1.0) for _ in range(100))
    evidence = _proof(Scene(requests=(*good, _request(1.0, failed=True)))).evidence
    assert evidence["requests"] == "1 of 101 failed, 1.0% allowed"


class TestTooLittle:
    """Not enough evidence is neither good nor bad."""

    def test_it_is_watched_for_longer_and_more_closely(self) -> None:
        """Until it is enough."""
        scene = Scene()
        evidence = _proof(scene, Limits(bake_s=10.0, bake_rate=2.0)).evidence
        assert evidence["watched"].startswith("19 s, extended by 9 s: 110 probes")

    def test_then_it_fails_with_what_to_do(self) -> None:
        """It never passes silently."""
        with pytest.raises(
            StepFailedError, match=r"not enough evidence after 1 s: probes: .* 100 are wanted"
        ) as caught:
            _proof(Scene(), Limits(bake_s=1.0, bake_rate=2.0, bake_extend_s=0.0))
        assert caught.value.reference == "bake-inconclusive"
        assert 'accept_thin_bake = "why"' in caught.value.hint

    def test_where_that_is_accepted_the_reason_is_told(self) -> None:
        """As an advice that stands in the report."""
        limits = Limits(bake_s=1.0, bake_rate=2.0, bake_extend_s=0.0)
        findings = _proof(Scene(), limits, accept_thin_bake="nobody is here").findings
        assert {finding.severity for finding in findings} == {Severity.ADVISE}
        assert findings[0].message.startswith("not enough evidence, accepted (nobody is here): probes: 0 of 2 failed")

    def test_what_is_bad_is_never_accepted(self) -> None:
        """Too little is not too much."""
        with pytest.raises(StepFailedError, match="no worker beats"):
            _proof(Scene(working=None), accept_thin_bake="nobody is here")

    def test_one_failed_request_of_a_few_is_waited_for_and_not_guessed(self) -> None:
        """Nobody else comes, so it stays too little."""
        scene = Scene(requests=(_request(1.0), _request(1.0, failed=True), _request(1.0)))
        with pytest.raises(StepFailedError, match="requests: 1 of 3 failed") as caught:
            _proof(scene)
        assert caught.value.reference == "bake-inconclusive"
        assert scene.seconds >= LIMITS.bake_s + LIMITS.bake_extend_s


class TestTrouble:
    """What goes wrong while it is watched."""

    def test_a_service_that_fails_now_and_then_fails(self) -> None:
        """With what the first bad probe said."""
        hand = _serving(Scene())
        STEP.apply(_over(hand, lambda world: replace(world, service=_Flaky(hand.scene))))
        with pytest.raises(StepFailedError, match=r"the first: redis: refused"):
            STEP.verify(hand.context())

    def test_workers_that_come_back_under_new_ids_crash(self) -> None:
        """However well each beats."""
        hand = _serving(Scene())
        STEP.apply(_over(hand, lambda world: replace(world, service=_Flapping(hand.scene))))
        with pytest.raises(StepFailedError, match="5 workers vanished and came back under new ids"):
            STEP.verify(hand.context())

    @pytest.mark.parametrize(
        "error",
        [UnreachableError("api-unreachable", "the api does not answer"), RefusedError("canary-refused", "HTTP 500")],
    )
    def test_a_canary_that_is_not_taken_did_not_come_back(self, error: Exception) -> None:
        """All of them condemn."""
        with pytest.raises(StepFailedError, match=r"canary jobs: .* did not come back"):
            _proof(Scene(fail_at={"service.canary": error}))

    def test_a_queue_that_cannot_be_read_is_told(self) -> None:
        """Another project's may have other tables; the canaries go through it all the same."""
        findings = _proof(Scene(down={"jobs"})).findings
        assert [finding.message for finding in findings] == [
            "the queue could not be read, so nobody's jobs but the canaries were watched: the jobs does not answer"
        ]

    def test_a_queue_that_ages_fails(self) -> None:
        """Unless it was so before."""
        scene = Scene()
        hand = _serving(scene)
        context = hand.context()

        def note(noted: Any) -> None:
            scene.queue = (QueueRow(kind="capture", state="ready", count=3, oldest_s=900.0),)
            hand.notes["bake"].update(noted)

        STEP.apply(replace(context, note=note))
        with pytest.raises(StepFailedError, match="3 ready, 0 at first; the oldest for 900 s, 600 s allowed"):
            STEP.verify(hand.context())

    def test_restarts_that_coolify_counts_meanwhile_are_counted(self) -> None:
        """Those before are not the release's."""
        scene = Scene(restarts={API: 4, WORKER: 1})
        hand = _serving(scene)
        context = hand.context()

        def note(noted: Any) -> None:
            scene.restarts[WORKER] = 3
            hand.notes["bake"].update(noted)

        STEP.apply(replace(context, note=note))
        with pytest.raises(StepFailedError, match="Coolify counts 2 more: containers crash"):
            STEP.verify(hand.context())

    def test_slower_than_before_is_worth_a_word(self) -> None:
        """Within the limit, against what preflight measured."""
        hand = _watched(Scene(probe_ms=200.0))
        hand.notes["preflight"] = {"baseline_ms": 20.0}
        ((message,),) = [[finding.message for finding in STEP.verify(hand.context()).findings]]
        assert message == "half of the probes take 200 ms or more; it was 20 ms before the release"


def test_a_rollback_is_watched_as_a_release() -> None:
    """Its target is the earlier version."""
    decided = replace(planned(Scene()), previous_commit=NEW, target_commit=OLD)
    hand = Hand(scene=Scene(), step="bake", plan=decided)
    STEP.apply(hand.context())
    assert STEP.verify(hand.context()).evidence["workers"] == "1 beating, 0 replaced, none at 0 of 6 looks"
