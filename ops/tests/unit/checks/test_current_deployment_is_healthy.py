"""A release starts from something that works and can be gone back to."""

import pytest

from gonogo.checks.current_deployment_is_healthy import check
from gonogo.model import Severity, WorkerBeat
from gonogo.testing import NEW, OLD
from tests.unit.checks.verdicts import said


def _beat(commit: str = OLD, state: str = "running", age_s: float = 1.0) -> WorkerBeat:
    """Return a heartbeat."""
    return WorkerBeat(id="w", commit=commit, state=state, age_s=age_s)


@pytest.mark.parametrize(("status", "shown"), [(503, "HTTP 503"), (0, "HTTP nothing")])
def test_an_api_that_is_not_ready_blocks(status: int, shown: str) -> None:
    """With what it answers, and how to look."""
    (severity, message, hint), _ = said(check, ready__ready=False, ready__status_code=status, ready__detail="redis")
    assert (severity, hint) == (Severity.BLOCK, "invoke health.check --env prod")
    assert (shown in message, "redis" in message) == (True, True)


@pytest.mark.parametrize("commit", [None, ""])
def test_an_unknown_version_blocks(commit: str | None) -> None:
    """There would be nothing to go back to."""
    (severity, message, _), _ = said(check, ready__commit=commit)
    assert (severity, "nothing to go back to" in message) == (Severity.BLOCK, True)


@pytest.mark.parametrize("beats", [(), (_beat(age_s=15.1),), (_beat(state="stopped"),), (_beat(state="stopping"),)])
def test_no_beating_worker_blocks(beats: tuple[WorkerBeat, ...]) -> None:
    """None, an old beat, or one that is going."""
    _, (severity, message, _) = said(check, workers=beats)
    assert (severity, "no worker heartbeat in the last 15 s" in message) == (Severity.BLOCK, True)


@pytest.mark.parametrize("beats", [(_beat(NEW),), (_beat(NEW), _beat())])
def test_workers_of_another_version_are_worth_a_word(beats: tuple[WorkerBeat, ...]) -> None:
    """A release left half-way is what the next one may mend."""
    _, (severity, message, hint) = said(check, workers=beats)
    assert (severity, "workers run" in message) == (Severity.ADVISE, True)
    assert hint == "invoke deploy.status --env prod"


@pytest.mark.parametrize(
    ("beats", "words"), [((_beat(),), "1 worker beating"), ((_beat(), _beat()), "2 workers beating")]
)
def test_what_is_well_is_said(beats: tuple[WorkerBeat, ...], words: str) -> None:
    """The version, and how many workers."""
    api, worker = said(check, workers=beats)
    assert (api[:2], worker[:2]) == (
        (Severity.INFO, "API ready on a00000000000 in 2 ms"),
        (Severity.INFO, words),
    )
