"""What Coolify spreads over servers it reports of the first one only."""

from gonogo.checks.one_server_runs_it import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import api, said, worker


def test_further_servers_are_worth_a_word() -> None:
    """They are deployed to after `finished`."""
    ((severity, message, hint),) = said(check, platform__api=api(additional_servers_count=2))
    assert (severity, "runs on 2 more servers" in message) == (Severity.ADVISE, True)
    assert "limits.prove_timeout_s" in hint


def test_replicas_in_a_swarm_are_worth_a_word() -> None:
    """Nobody waits for them."""
    ((severity, message, _),) = said(check, platform__worker=worker(swarm_replicas=3))
    assert (severity, "3 replicas" in message) == (Severity.ADVISE, True)


def test_one_server_is_said() -> None:
    """One replica is none more."""
    one = api(additional_servers_count=0, swarm_replicas=1)
    assert said(check, platform__api=one) == [(Severity.INFO, "one server runs each application", "")]
