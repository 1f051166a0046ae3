"""No release begins on a hope: a drill has proven a backup that is young enough."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gonogo.checks.backup_is_proven import check
from gonogo.model import BackupPolicy, Config, Drill, Offsite, Severity
from gonogo.testing import Scene
from tests.unit.checks.verdicts import said
from tests.unit.releases import CONFIG, observed

AT = observed(Scene()).at
OFFSITE = Offsite(url="s3://bucket/path")
HINT = "invoke backup.drill --env prod"


def asking(days: int = 7, *, offsite: Offsite | None = None) -> Config:
    """Return a configuration that asks for a proven backup."""
    return replace(CONFIG, target=replace(CONFIG.target, backups=BackupPolicy(proven_days=days, offsite=offsite)))


def drill(age_days: float, *problems: str, is_offsite: bool = False) -> Drill:
    """Return a drill of a backup that is so many days old."""
    taken = AT - timedelta(days=age_days)
    return Drill(
        drill_id="d",
        environment="prod",
        backup=f"b{age_days:g}",
        taken_at=taken,
        is_offsite=is_offsite,
        started_at=AT - timedelta(hours=1),
        ended_at=AT,
        schema_revision="r1",
        problems=problems,
    )


def test_where_none_is_asked_for_nothing_is_said_against_it() -> None:
    """Zero days is the default."""
    ((severity, message, _),) = said(check)
    assert (severity, "proven_days" in message) == (Severity.INFO, True)


@pytest.mark.parametrize(("age", "severity"), [(6.9, Severity.INFO), (7.0, Severity.INFO), (7.1, Severity.BLOCK)])
def test_the_age_of_the_data_counts_not_that_of_the_drill(age: float, severity: Severity) -> None:
    """A drill of today with an old backup brings back old data."""
    ((seen, _, _),) = said(check, asking(), drills=(drill(age),))
    assert seen is severity


@pytest.mark.parametrize(
    ("drills", "why"),
    [
        ((), "there was no drill yet"),
        ((drill(1, "one flipped bit"),), "the last drill failed: one flipped bit"),
        ((drill(9), drill(1, "no")), "the newest, b9, is 9 days old"),
    ],
)
def test_a_release_is_blocked_with_why_and_the_next_command(drills: tuple[Drill, ...], why: str) -> None:
    """A failed drill proves nothing, and takes no earlier proof away."""
    ((severity, message, hint),) = said(check, asking(), drills=drills)
    assert (severity, why in message, hint) == (Severity.BLOCK, True, HINT)


def test_a_failed_drill_does_not_take_an_earlier_proof_away() -> None:
    """What was proven stays proven."""
    ((severity, message, _),) = said(check, asking(), drills=(drill(2), drill(1, "no")))
    assert (severity, "b2" in message) == (Severity.INFO, True)


def test_where_there_is_a_second_place_only_its_copies_count() -> None:
    """The loss of this machine is what it is for."""
    ((severity, message, _),) = said(check, asking(offsite=OFFSITE), drills=(drill(1),))
    assert (severity, "only those of this machine" in message) == (Severity.BLOCK, True)
    ((severity, _, _),) = said(check, asking(offsite=OFFSITE), drills=(drill(1, is_offsite=True),))
    assert severity is Severity.INFO


def test_the_first_release_is_not_asked() -> None:
    """There is no data yet that could be lost."""
    ready = replace(observed(Scene()).ready, ready=False, commit=None)
    ((severity, _, _),) = said(check, asking(), ready=ready)
    assert severity is Severity.INFO
