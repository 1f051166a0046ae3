"""What both applications read, both are handed."""

from gonogo.checks.secrets_reach_services import check
from gonogo.model import Severity
from tests.unit.checks.secrets_seen import held, seen
from tests.unit.checks.verdicts import said

BOTH = {"api": ("XAI_API_KEY",), "worker": ("XAI_API_KEY",)}


def test_on_one_and_not_on_the_other_advises() -> None:
    """It is optional, so the other one starts without it."""
    ((severity, message, hint),) = said(check, secrets=seen(held("XAI_API_KEY", "one"), wanted=BOTH))
    assert severity is Severity.ADVISE
    assert message == "XAI_API_KEY is set for api and not for worker, which reads it too"
    assert "add it to worker" in hint


def test_two_values_of_one_variable_advise() -> None:
    """As a rotation leaves them that stopped half-way."""
    facts = seen(held("XAI_API_KEY", "one-long-value"), held("XAI_API_KEY", "another-value", "worker"), wanted=BOTH)
    ((severity, message, _),) = said(check, secrets=facts)
    assert severity is Severity.ADVISE
    assert message.startswith("XAI_API_KEY is not the same for api and worker")


def test_what_only_one_reads_is_fine_on_one() -> None:
    """And so is one that neither has, and a release that does not say."""
    only = {"api": ("XAI_API_KEY",), "worker": ()}
    for wanted in (only, None):
        ((severity, *_),) = said(check, secrets=seen(held("XAI_API_KEY", "one"), wanted=wanted))
        assert severity is Severity.INFO
    assert said(check, secrets=seen(wanted=BOTH))[0][0] is Severity.INFO
