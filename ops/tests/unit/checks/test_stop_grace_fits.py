"""A stopping worker may end what it is at, and a release does not wait for longer than it means to."""

import pytest

from gonogo.checks.stop_grace_fits import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import api, said, worker


def test_a_worker_that_is_killed_at_its_work_is_worth_a_word() -> None:
    """By both numbers."""
    ((severity, message, hint),) = said(check, platform__worker=worker(stop_grace_period=27))
    assert (severity, "27 s after" in message, "28 s (limits.worker_drain_s)" in message) == (
        Severity.ADVISE,
        True,
        True,
    )
    assert hint == "raise stop_grace_period (in Coolify: Advanced, Stop Grace Period) above 28"


@pytest.mark.parametrize("seconds", [None, 28, 30])
def test_time_enough_is_said(seconds: int | None) -> None:
    """Unset is Coolify's 30 s."""
    ((severity, message, _),) = said(check, platform__worker=worker(stop_grace_period=seconds))
    assert (severity, message.startswith(f"a stopping worker has {seconds or 30} s")) == (Severity.INFO, True)


def test_a_stop_that_outlasts_the_release_is_worth_a_word() -> None:
    """The release would be undone while Coolify waits."""
    ((severity, message, _),) = said(check, platform__api=api(stop_grace_period=900))
    assert (severity, "api: a stop may take 900 s" in message) == (Severity.ADVISE, True)
