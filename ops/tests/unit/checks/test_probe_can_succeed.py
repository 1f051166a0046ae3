"""The health check that Coolify waits for is one that a good container can pass, in time."""

from dataclasses import replace

import pytest

from gonogo.checks.probe_can_succeed import check
from gonogo.model import JSON, Severity
from gonogo.testing import config
from tests.unit.checks.verdicts import api, said, worker

GOOD: dict[str, JSON] = {"health_check_enabled": True, "health_check_path": "/ready", "ports_exposes": "8000"}
COMMAND: dict[str, JSON] = {"health_check_enabled": True, "health_check_type": "cmd"}


def test_a_probe_that_can_be_passed_is_said_with_what_cannot_be_seen() -> None:
    """The image's curl or wget."""
    ((severity, message, _),) = said(check, platform__api=api(**GOOD))
    assert (severity, "curl or wget" in message) == (Severity.INFO, True)


@pytest.mark.parametrize("path", ["/", None, "/live", "/readyz"])
def test_a_path_that_does_not_say_ready_is_worth_a_word(path: str | None) -> None:
    """None is Coolify's default, the root."""
    ((severity, message, hint),) = said(check, platform__api=api(**GOOD | {"health_check_path": path}))
    assert (severity, f"asks {path or '/'}," in message, hint.endswith("to /ready")) == (Severity.ADVISE, True, True)


def test_a_query_does_not_change_the_path() -> None:
    """It is the same probe."""
    ((severity, _, _),) = said(check, platform__api=api(**GOOD | {"health_check_path": "/ready?deep=1"}))
    assert severity is Severity.INFO


def test_an_http_probe_without_a_port_blocks() -> None:
    """Coolify would look for a result that nobody writes."""
    ((severity, message, hint),) = said(check, platform__worker=worker(health_check_enabled=True))
    assert (severity, "no port to ask" in message, "cmd" in hint) == (Severity.BLOCK, True, True)


def test_an_http_probe_of_a_worker_is_worth_a_word() -> None:
    """Most workers listen nowhere."""
    settings: dict[str, JSON] = {"health_check_enabled": True, "ports_exposes": "3000"}
    ((severity, message, _),) = said(check, platform__worker=worker(**settings))
    assert (severity, "port 3000" in message) == (Severity.ADVISE, True)


def test_a_probe_of_a_port_that_is_not_exposed_is_worth_a_word() -> None:
    """Nothing may listen there."""
    ((severity, message, hint),) = said(check, platform__api=api(**GOOD | {"health_check_port": "9000"}))
    assert (severity, "asks port 9000" in message, "8000" in hint) == (Severity.ADVISE, True, True)


@pytest.mark.parametrize(
    ("command", "words"),
    [(None, "is empty"), ("", "is empty"), ("test -f /run/x && true", "holds &"), ("x" * 1001, "more than 1000")],
)
def test_a_command_that_coolify_does_not_run_blocks(command: str | None, words: str) -> None:
    """Empty, too long, or with signs that are refused."""
    ((severity, message, _),) = said(check, platform__worker=worker(**COMMAND, health_check_command=command))
    assert (severity, words in message) == (Severity.BLOCK, True)


def test_a_plain_command_is_good() -> None:
    """For a worker that touches a file."""
    ((severity, _, _),) = said(
        check, platform__worker=worker(**COMMAND, health_check_command="sh /app/ready.sh --age=30")
    )
    assert severity is Severity.INFO


def test_too_little_time_is_worth_a_word() -> None:
    """Held against what the service needs."""
    short: dict[str, JSON] = {"health_check_start_period": 1, "health_check_retries": 2, "health_check_interval": 5}
    ((severity, message, hint),) = said(check, platform__api=api(**GOOD | short))
    assert (severity, "after about 11 s; it may need 20 s" in message) == (Severity.ADVISE, True)
    assert "health_check_retries" in hint


@pytest.mark.parametrize(("start", "severity"), [(1000, Severity.BLOCK), (10, Severity.ADVISE)])
def test_more_time_than_the_release_waits_is_told(start: int, severity: Severity) -> None:
    """Certain where Coolify sleeps for longer, possible where it only looks for longer."""
    long: dict[str, JSON] = {
        "health_check_start_period": start,
        "health_check_retries": 100,
        "health_check_interval": 9,
    }
    ((found, message, hint),) = said(check, platform__api=api(**GOOD | long))
    assert (found, "gives a deployment up after 900 s" in message) == (severity, True)
    assert "limits.deploy_timeout_s" in hint


def test_an_application_that_stops_first_or_is_not_checked_waits_for_no_probe() -> None:
    """Other checks speak of it."""
    still = replace(worker(health_check_enabled=True), rolling=False, why_not_rolling="ports_mappings")
    ((severity, _, _),) = said(check, config(), platform__worker=still)
    assert severity is Severity.INFO


def test_what_coolify_does_not_say_is_not_guessed() -> None:
    """Nothing is known of its probe then."""
    assert said(check) == [(Severity.INFO, "Coolify does not say what it asks a new container", "")]
