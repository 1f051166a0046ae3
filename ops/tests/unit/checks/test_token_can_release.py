"""The Coolify token must be able to look, to change and to deploy."""

from gonogo.checks.token_can_release import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said


def test_missing_abilities_block() -> None:
    """By the variable that holds the token, and which ones."""
    ((severity, message, hint),) = said(check, platform__missing_abilities=("write", "deploy"))
    assert (severity, message) == (Severity.BLOCK, "COOLIFY_TOKEN lacks write, deploy")
    assert "Keys & Tokens" in hint


def test_a_token_that_may_release_is_said() -> None:
    """With Coolify's version."""
    ((severity, message, _),) = said(check)
    assert (severity, message.startswith("Coolify 4.3.11")) == (Severity.INFO, True)
