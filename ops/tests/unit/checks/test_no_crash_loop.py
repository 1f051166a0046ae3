"""What runs now stays up: it is what a rollback would bring back."""

from dataclasses import replace

import pytest

from gonogo.checks.no_crash_loop import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import api, said, worker


@pytest.mark.parametrize(("restarts", "status"), [(3, "running:healthy"), (0, "restarting:unknown")])
def test_a_container_that_restarts_again_and_again_is_worth_a_word(restarts: int, status: str) -> None:
    """By Coolify's count, or by its status."""
    looping = replace(worker(), restart_count=restarts, status=status)
    ((severity, message, hint),) = said(check, platform__worker=looping)
    assert (severity, f"restarted {restarts} times" in message, status in message) == (Severity.ADVISE, True, True)
    assert "invoke health.check --env prod" in hint


def test_where_coolify_stops_it_is_said() -> None:
    """A limit would leave nothing running."""
    ((_, message, hint),) = said(check, platform__api=replace(api(max_restart_count=10), restart_count=9))
    assert ("stops it at 10" in message, "max_restart_count" in hint) == (True, True)


def test_a_restart_or_two_are_no_loop() -> None:
    """A machine may have been restarted."""
    ((severity, _, _),) = said(check, platform__api=replace(api(), restart_count=2))
    assert severity is Severity.INFO
