"""Coolify clones from a remote: the commit must be there."""

from dataclasses import replace

from gonogo.checks.commit_is_pushed import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said
from tests.unit.releases import CONFIG

LOCAL = replace(CONFIG, target=replace(CONFIG.target, stack="local"))


def test_a_commit_that_no_remote_has_blocks() -> None:
    """The platform could not fetch it."""
    ((severity, message, hint),) = said(check, git__unpushed=True)
    assert (severity, "b00000000000" in message, hint) == (Severity.BLOCK, True, "git push")


def test_a_local_stack_needs_no_remote() -> None:
    """It runs from this repository."""
    assert said(check, LOCAL, git__unpushed=True) == []


def test_a_pushed_commit_is_silent() -> None:
    """Nothing to say."""
    assert said(check) == []
