"""Coolify looks at a new container before it takes the old one away."""

from dataclasses import replace

from gonogo.checks.health_check_is_on import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import api, said, worker

CHECKED = replace(worker(), health_checked=True)


def test_an_api_without_a_health_check_blocks() -> None:
    """A broken container would replace the working one."""
    unchecked = replace(api(), health_checked=False)
    ((severity, message, hint),) = said(check, platform__api=unchecked, platform__worker=CHECKED)
    assert (severity, "no health check" in message) == (Severity.BLOCK, True)
    assert hint == "switch health_check_enabled (in Coolify: Healthcheck) on, path /ready"


def test_a_worker_without_one_is_worth_a_word() -> None:
    """The proof is elsewhere; a command would do."""
    ((severity, message, hint),) = said(check)
    assert (severity, "crashes at once" in message, "health_check_type cmd" in hint) == (Severity.ADVISE, True, True)


def test_both_that_are_checked_are_said() -> None:
    """Nothing to do."""
    ((severity, _, hint),) = said(check, platform__worker=CHECKED)
    assert (severity, hint) == (Severity.INFO, "")
