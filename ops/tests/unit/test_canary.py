"""A job followed from the API over Redis and a worker to Postgres and back."""

from dataclasses import replace

import pytest

from gonogo import canary
from gonogo.errors import StepFailedError
from gonogo.model import JobState
from gonogo.testing import NEW, OLD, Scene
from tests.unit.releases import Hand

DONE = JobState(id="job", status="done", commit=NEW, error=None, build_id="b", found_by="message", origin=NEW)
WISH = canary.Wish(commit=NEW, builds=frozenset({"b"}), api_commit=NEW)


def _run(job: JobState, wish: canary.Wish = WISH) -> canary.Run:
    """Return what came of a canary job."""
    return canary.run(Hand(scene=Scene(canary=job), step="worker-rollout").context(), wish)


def test_each_hop_is_named() -> None:
    """Queued by whom, told how, run by what, kept and read where."""
    run = _run(DONE)
    assert run.findings == ()
    assert run.evidence == {
        "canary job": f"job done by {NEW[:12]}",
        "canary way": (
            f"queued by the API {NEW[:12]}, told over Redis, run by the worker {NEW[:12]} (build b), "
            "committed to Postgres, read back through the API"
        ),
    }


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (replace(DONE, status="queued"), "is still queued"),
        (replace(DONE, status="dead"), "is dead by b0+; expected done by b0+"),
        (replace(DONE, commit=OLD), "is done by a0+; expected done by b0+"),
        (replace(DONE, build_id="c"), "was done by the build c; b beats"),
        (replace(DONE, build_id=None), "was done by the build None; b beats"),
        (replace(DONE, origin=OLD), "was queued by a0+; expected b0+"),
    ],
    ids=["waits", "dead", "old-worker", "other-build", "no-build", "old-api"],
)
def test_a_hop_that_is_not_the_new_version_s_is_a_failure(job: JobState, words: str) -> None:
    """It says which hop, and what was there instead."""
    with pytest.raises(StepFailedError, match=words):
        _run(job)


def test_a_job_that_polling_found_is_tried_again_and_then_told() -> None:
    """Redis carried none of three: jobs start late, which a person should know."""
    scene = Scene(canary=replace(DONE, found_by="polling"))
    run = canary.run(Hand(scene=scene, step="worker-rollout").context(), WISH)
    assert scene.counts["service.canary"] == 3
    assert "found by polling" in run.evidence["canary way"]
    assert [(each.rule, each.severity.value) for each in run.findings] == [("canary-over-redis", "advise")]


def test_a_service_that_says_less_is_believed_for_what_it_says() -> None:
    """An older release names neither its build nor its API."""
    older = replace(DONE, build_id=None, found_by=None, origin=None)
    run = _run(older, canary.Wish(commit=NEW, builds=frozenset(), api_commit=NEW))
    assert "queued by an API that does not say which, found, nobody says how" in run.evidence["canary way"]
    assert run.findings == ()


def test_any_api_may_queue_it_where_none_is_asked_for() -> None:
    """On the way back the newer API is still there."""
    assert _run(replace(DONE, origin=OLD), replace(WISH, api_commit=None)).evidence
