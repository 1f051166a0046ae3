"""Previews and builds are not handed production's secrets."""

from typing import Any

import pytest

from gonogo.checks.secrets_stay_inside import check
from gonogo.model import Severity
from tests.unit.checks.secrets_seen import held, seen
from tests.unit.checks.verdicts import said

VALUE = "mV3pQ8zRt6YkW$1nB"


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        ({"is_copied": True}, "previews are handed it too"),
        ({"is_buildtime": True}, "builds are handed it"),
        ({"is_literal": False}, "$ in it is read as a variable"),
    ],
)
def test_each_flag_advises(flags: dict[str, Any], why: str) -> None:
    """With the place in Coolify."""
    ((severity, message, hint),) = said(check, secrets=seen(held("SECRET_KEY", VALUE, days=1, **flags)))
    assert severity is Severity.ADVISE
    assert message.startswith("SECRET_KEY (api): ")
    assert why in message
    assert "in Coolify: Environment Variables" in hint


def test_all_of_them_are_told_at_once() -> None:
    """By application."""
    facts = seen(
        held("A", VALUE, days=1, is_copied=True, is_buildtime=True), held("A", VALUE, "worker", days=1, is_copied=True)
    )
    assert len(said(check, secrets=facts)) == 3


def test_a_value_without_the_sign_may_be_anything() -> None:
    """Nothing in it is a variable."""
    facts = seen(held("A", "mV3pQ8zRt6YkW1nB", days=1, is_literal=False), held("TOKEN", VALUE, "gonogo"))
    assert [each[0] for each in said(check, secrets=facts)] == [Severity.INFO]
