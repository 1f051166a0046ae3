"""A secret that others can read is told with its place, and what to do first."""

from dataclasses import replace
from datetime import date

import pytest

from gonogo.checks.secrets_are_private import check
from gonogo.model import Leak, SecretException, SecretPolicy, Severity
from tests.unit.checks.secrets_seen import seen
from tests.unit.checks.verdicts import said
from tests.unit.releases import CONFIG

KNOWN = Leak(place="history", what="SECRET_KEY", path="a/b.py", line=7, commit="a" * 40, is_known=True)


def test_a_value_in_use_blocks_and_is_replaced_first() -> None:
    """The history is mended after that: whoever has it keeps it."""
    ((severity, message, hint),) = said(check, secrets=seen(leaks=(KNOWN,)))
    assert severity is Severity.BLOCK
    assert message == f"the value of SECRET_KEY stands in the git history: a/b.py:7, commit {'a' * 12}"
    assert hint.startswith(
        "replace SECRET_KEY by hand: ops/SECRETS_ROTATION_RUNBOOK.md; then take it out of the history"
    )


@pytest.mark.parametrize("place", ["history", "message", "tree", "context", "dockerfile", "image"])
@pytest.mark.parametrize(("is_certain", "severity"), [(True, Severity.BLOCK), (False, Severity.ADVISE)])
def test_what_looks_like_one_is_weighed_by_its_form(place: str, is_certain: bool, severity: Severity) -> None:
    """Each place has its own way out, and an exception that would name it."""
    leak = Leak(place=place, what="AWS key", path="a.py", line=1, is_certain=is_certain)
    ((found, message, hint),) = said(check, secrets=seen(leaks=(leak,)))
    assert found is severity
    assert "what looks like a secret (AWS key)" in message
    assert 'subject = "a.py"' in hint


def test_an_exception_names_a_path() -> None:
    """With letters that stand for any."""
    accepted = SecretException(
        rule="secrets-are-private", subject="a/*", reason="made up", who="ada", expires=date(2030, 1, 1)
    )
    config = replace(CONFIG, secrecy=SecretPolicy(exceptions=(accepted,)))
    other = replace(KNOWN, path="c.py")
    found = said(check, config, secrets=seen(leaks=(KNOWN, other)))
    assert [each[0] for each in found] == [Severity.BLOCK, Severity.INFO]


def test_what_was_not_looked_at_is_not_fine() -> None:
    """It is an advice with the command that looks."""
    ((severity, message, hint),) = said(check, secrets=seen(notes=("5,000 commits were not looked through yet",)))
    assert (severity, hint) == (Severity.ADVISE, "invoke secrets.check --env prod")
    assert "5,000 commits" in message
