"""The Coolify token must be able to look, to change and to deploy."""

from gonogo.checks.token_can_release import check
from gonogo.model import Severity, Variable
from tests.unit.checks.verdicts import said


def test_missing_abilities_block() -> None:
    """By the variable that holds the token, and which ones."""
    ((severity, message, hint),) = said(check, platform__missing_abilities=("write", "deploy"))
    assert (severity, message.split(":")[0]) == (Severity.BLOCK, "COOLIFY_TOKEN lacks write, deploy")
    assert "Keys & Tokens" in hint


def test_a_token_that_may_release_is_said() -> None:
    """With Coolify's version."""
    ((severity, message, _),) = said(check)
    assert (severity, message.startswith("Coolify 4.3.11")) == (Severity.INFO, True)


def test_values_that_it_may_not_read_are_worth_a_word() -> None:
    """A change of them would not be noticed; a locked one nobody may read."""
    hidden = (Variable(key="A", fingerprint=None), Variable(key="B", fingerprint=None, is_locked=True))
    read = (Variable(key="C", fingerprint="f"),)
    ((severity, message, hint),) = said(check, platform__api_variables=hidden, platform__worker_variables=read)
    assert (severity, "variables (1 of them)" in message, "read:sensitive" in hint) == (Severity.ADVISE, True, True)


def test_a_token_without_the_optional_ability_is_advised() -> None:
    """Also where no variable shows it: nothing is compared, and no log is to be had."""
    ((severity, message, hint),) = said(check, platform__missing_optional=("read:sensitive",))
    assert (severity, "lacks read:sensitive" in message) == (Severity.ADVISE, True)
    assert "without logs" in message
    assert "add read:sensitive" in hint
