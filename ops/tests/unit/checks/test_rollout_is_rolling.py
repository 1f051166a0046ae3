"""The old container serves until the new one is healthy."""

from dataclasses import replace

import pytest

from gonogo.checks.rollout_is_rolling import check
from gonogo.model import Application, Severity
from tests.unit.checks.verdicts import api, said, worker
from tests.unit.releases import CONFIG

ALLOWED = replace(CONFIG, target=replace(CONFIG.target, allow_stop_first=True))


def _stop_first(application: Application, why: str = "ports_mappings") -> Application:
    """Return an application that stops before it starts."""
    return replace(application, rolling=False, why_not_rolling=why)


def test_an_api_that_stops_first_blocks() -> None:
    """What users would see, the setting and its place, and how to accept it."""
    ((severity, message, hint),) = said(check, platform__api=_stop_first(api(stop_grace_period=45)))
    assert (severity, message.split(":")[0]) == (Severity.BLOCK, "api")
    assert "every request would fail from its stop (up to 45 s)" in message
    assert hint.startswith("clear ports_mappings (in Coolify: General, Port Mappings)")
    assert hint.endswith("allow_stop_first = true in [environments.prod]")


def test_an_outage_that_is_accepted_is_still_foretold() -> None:
    """As an advice."""
    ((severity, message, hint),) = said(check, ALLOWED, platform__api=_stop_first(api()))
    assert (severity, hint) == (Severity.ADVISE, "")
    assert ("up to 30 s" in message, message.endswith("allow_stop_first accepts that")) == (True, True)


def test_a_worker_that_stops_first_is_worth_a_word() -> None:
    """Jobs wait; none is lost."""
    ((severity, message, _),) = said(check, platform__worker=_stop_first(worker()))
    assert (severity, message.split(":")[0], "jobs would wait" in message) == (Severity.ADVISE, "worker", True)


def test_both_are_told_at_once() -> None:
    """Not one after the other."""
    assert len(said(check, platform__api=_stop_first(api()), platform__worker=_stop_first(worker()))) == 2


@pytest.mark.parametrize(
    ("why", "hint"),
    [
        ("is_consistent_container_name_enabled", "clear is_consistent_container_name_enabled (in Coolify: Advanced, "),
        ("--ip in custom_docker_run_options", "clear custom_docker_run_options (in Coolify: General, "),
        ("build pack dockercompose", "remove build pack dockercompose"),
    ],
)
def test_the_hint_names_the_setting(why: str, hint: str) -> None:
    """Whatever words the reason comes in."""
    ((_, _, told),) = said(check, platform__worker=_stop_first(worker(), why))
    assert told.startswith(hint)


def test_applications_that_roll_are_said() -> None:
    """New beside old."""
    assert said(check) == [(Severity.INFO, "both applications roll: new beside old", "")]
