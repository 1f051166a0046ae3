"""The old container serves until the new one is healthy."""

from dataclasses import replace

from gonogo.checks.rollout_is_rolling import check
from gonogo.model import Application, Severity
from gonogo.testing import Scene
from tests.unit.checks.verdicts import said
from tests.unit.releases import observed

PLATFORM = observed(Scene()).platform


def _stop_first(application: Application) -> Application:
    """Return an application that stops before it starts."""
    return replace(application, rolling=False, why_not_rolling="a host port")


def test_an_api_that_stops_first_blocks() -> None:
    """Nobody would be served; the setting is named."""
    ((severity, message, hint),) = said(check, platform__api=_stop_first(PLATFORM.api))
    assert (severity, hint) == (Severity.BLOCK, "remove a host port")
    assert message == "api: a host port makes Coolify stop the old container first"


def test_a_worker_that_stops_first_is_worth_a_word() -> None:
    """Jobs wait; none is lost."""
    ((severity, message, _),) = said(check, platform__worker=_stop_first(PLATFORM.worker))
    assert (severity, message.split(":")[0]) == (Severity.ADVISE, "worker")


def test_an_api_without_a_health_check_blocks() -> None:
    """A broken container would replace the working one."""
    ((severity, message, hint),) = said(check, platform__api=replace(PLATFORM.api, health_checked=False))
    assert (severity, "no health check" in message, "/health/ready" in hint) == (Severity.BLOCK, True, True)


def test_all_of_it_is_told_at_once() -> None:
    """API twice, worker once."""
    api = replace(_stop_first(PLATFORM.api), health_checked=False)
    assert len(said(check, platform__api=api, platform__worker=_stop_first(PLATFORM.worker))) == 3


def test_applications_that_roll_are_said() -> None:
    """New beside old."""
    assert said(check) == [(Severity.INFO, "both applications roll: new beside old", "")]
