"""A secret grows old by the calendar, and an age that nobody knows is no age."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from gonogo.checks.secrets_are_young import check
from gonogo.model import SecretException, SecretPolicy, SecretRow, Severity
from tests.unit.checks.secrets_seen import NOW, held, seen
from tests.unit.checks.verdicts import said
from tests.unit.releases import CONFIG

VALUE = "mV3pQ8zRt6YkW1nB"
POLICY = SecretPolicy(max_age_days=100, rows={"OLD": SecretRow(name="OLD", max_age_days=200, owner="ada")})
TIMED = replace(CONFIG, secrecy=POLICY)


@pytest.mark.parametrize(
    ("name", "days", "severity"),
    [
        ("ANY", 0, Severity.INFO),
        ("ANY", 79, Severity.INFO),
        ("ANY", 80, Severity.ADVISE),
        ("ANY", 99, Severity.ADVISE),
        ("ANY", 100, Severity.BLOCK),
        ("OLD", 159, Severity.INFO),
        ("OLD", 160, Severity.ADVISE),
        ("OLD", 200, Severity.BLOCK),
    ],
)
def test_it_warns_at_four_fifths_and_stops_at_all_of_it(name: str, days: int, severity: Severity) -> None:
    """By the row of the secret, or by the default."""
    assert [each[0] for each in said(check, TIMED, secrets=seen(held(name, VALUE, days=days)))] == [severity]


def test_the_oldest_of_several_holders_counts() -> None:
    """A rotation that reached only one of them is none."""
    ((severity, message, hint),) = said(
        check, TIMED, secrets=seen(held("OLD", VALUE, days=1), held("OLD", VALUE, "worker", days=300))
    )
    assert severity is Severity.BLOCK
    assert message == "OLD (worker) is 300 days old and may be 200: Coolify says so; ada replaces it"
    assert hint == "replace OLD by hand: ops/SECRETS_ROTATION_RUNBOOK.md"


def test_what_a_task_replaces_is_named_with_it() -> None:
    """By the name that the task knows, which is not the variable's."""
    ((*_, hint),) = said(check, TIMED, secrets=seen(held("DATABASE_URL", VALUE, days=300)))
    assert hint == "invoke secrets.rotate database --env prod"


def test_an_unknown_age_is_said_and_not_taken_for_young() -> None:
    """With what writes it down."""
    ((severity, message, hint),) = said(check, TIMED, secrets=seen(held("ANY", VALUE)))
    assert (severity, message) == (Severity.ADVISE, "nobody knows how old ANY is")
    assert "replace ANY by hand" in hint
    assert "rotated = { prod = 2026-06-01 }" in hint


@pytest.mark.parametrize(("days", "severity"), [(15, Severity.INFO), (14, Severity.ADVISE), (0, Severity.BLOCK)])
def test_a_password_that_the_database_will_not_take_is_foreseen(days: int, severity: Severity) -> None:
    """VALID UNTIL, two weeks ahead."""
    facts = seen(password_ends=NOW + timedelta(days=days))
    assert [each[0] for each in said(check, TIMED, secrets=facts)] == [severity]


@pytest.mark.parametrize(("until", "severity"), [(1, Severity.INFO), (-1, Severity.BLOCK)])
def test_an_exception_holds_until_its_last_day(until: int, severity: Severity) -> None:
    """And is told with its reason and its name."""
    accepted = SecretException(
        rule="secrets-are-young",
        subject="ANY",
        reason="replaced in May",
        who="ada",
        expires=NOW.date() + timedelta(until),
    )
    config = replace(CONFIG, secrecy=replace(POLICY, exceptions=(accepted,)))
    ((found, message, _),) = said(check, config, secrets=seen(held("ANY", VALUE, days=101)))
    assert found is severity
    assert ("accepted: replaced in May (ada, until 2026-06-02)" in message) == (until > 0)


def test_an_exception_of_another_environment_is_none_here() -> None:
    """Staging's."""
    accepted = SecretException(
        rule="secrets-are-young", subject="*", reason="r", who="ada", expires=date(2027, 1, 1), environment="staging"
    )
    config = replace(CONFIG, secrecy=replace(POLICY, exceptions=(accepted,)))
    assert said(check, config, secrets=seen(held("ANY", VALUE, days=101)))[0][0] is Severity.BLOCK


def test_a_local_stack_makes_its_own() -> None:
    """Nothing there is old."""
    local = replace(TIMED, target=replace(CONFIG.target, stack="local"))
    assert [each[0] for each in said(check, local, secrets=seen(held("ANY", VALUE)))] == [Severity.INFO]
