"""An example value is not a secret."""

from gonogo.checks.secrets_are_real import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said


def test_placeholders_block() -> None:
    """By name; the runbook is the hint."""
    ((severity, message, hint),) = said(check, weak_secrets=("API_TOKEN", "REDIS_URL"))
    assert (severity, message) == (Severity.BLOCK, "placeholder or very short value in API_TOKEN, REDIS_URL")
    assert "ops/SECRETS_ROTATION_RUNBOOK.md" in hint


def test_real_values_are_said() -> None:
    """Without any of them."""
    assert said(check) == [(Severity.INFO, "no secret holds a placeholder", "")]
