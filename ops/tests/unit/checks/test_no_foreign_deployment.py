"""Nobody else is deploying our applications."""

from dataclasses import replace

from gonogo.checks.no_foreign_deployment import check
from gonogo.model import Deployment, Severity
from gonogo.testing import API, OLD
from tests.unit.checks.verdicts import said

ACTIVE = Deployment(uuid="d9", number=9, application_uuid=API, commit=OLD, status="queued", ended=False)


def test_a_deployment_that_is_not_over_blocks() -> None:
    """It is named with its status."""
    ((severity, message, hint),) = said(check, platform__active=(ACTIVE,))
    assert (severity, message.split(";")[0]) == (Severity.BLOCK, "Coolify is already deploying: d9 (queued)")
    assert "ours would wait behind it" in message
    assert "in Coolify: Deployments" in hint


def test_a_quiet_coolify_is_said() -> None:
    """Nothing queued, nothing in progress."""
    assert said(check) == [(Severity.INFO, "no deployment is queued or in progress", "")]


def test_others_deployments_are_worth_a_word() -> None:
    """They take places for builds; ours still block, and many are not all named."""
    others = tuple(replace(ACTIVE, uuid=f"o{number}", application_uuid="other") for number in range(7))
    ours, theirs = said(check, platform__active=(ACTIVE,), platform__foreign=others)
    assert (ours[0], theirs[0]) == (Severity.BLOCK, Severity.ADVISE)
    assert "o4 (queued), 2 more; " in theirs[1]
    assert "concurrent_builds" in theirs[1]
    assert said(check, platform__foreign=others) == [theirs]
