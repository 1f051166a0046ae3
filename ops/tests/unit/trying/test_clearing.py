"""What rules said, set against what a trial measured: only sound evidence clears."""

from dataclasses import replace

import pytest

from gonogo import trying
from gonogo.model import Hold, Limits, LintFinding, LockMode, Severity, Traced
from tests.unit.releases import slow_trial

SQL = "ALTER TABLE users ALTER COLUMN email TYPE varchar(200)"
FOUND = LintFinding(
    reference="squawk-changing-column-type",
    severity=Severity.BLOCK,
    revision="r2",
    message="changes a type",
    consequence="rewrites",
    fix="",
    statement=SQL,
)
HOLD = Hold(relation="public.users", mode=LockMode.ACCESS_EXCLUSIVE, began_s=0.0, ended_s=0.0008, statement=f"{SQL};\n")
TRACED = Traced(revision="r2", seconds=0.1, holds=(HOLD,))
TRIAL = slow_trial()


def _severity(finding: LintFinding = FOUND, traced: Traced | None = TRACED, *, backup: str = "b.dump") -> Severity:
    """Return what becomes of a finding."""
    (found,) = trying.cleared([finding], replace(TRIAL, backup=backup), traced, Limits())
    return found.severity


def test_a_statement_that_held_nothing_for_long_is_information() -> None:
    """It says what was measured."""
    (found,) = trying.cleared([FOUND], TRIAL, TRACED, Limits())
    assert (found.severity, found.cleared) == (
        Severity.INFO,
        "ACCESS EXCLUSIVE on public.users 0.8 ms, no rewrite",
    )


@pytest.mark.parametrize(
    "traced",
    [
        None,
        replace(TRACED, problem="it failed"),
        replace(TRACED, holds=()),
        replace(TRACED, holds=(replace(HOLD, statement="SELECT 1"),)),
        replace(TRACED, holds=(replace(HOLD, ended_s=0.3),)),
    ],
    ids=["not tried", "failed", "nothing seen", "another statement", "too near the budget"],
)
def test_without_sound_evidence_it_stands(traced: Traced | None) -> None:
    """What was not seen is not known."""
    assert _severity(traced=traced) is Severity.BLOCK


def test_an_empty_database_clears_nothing() -> None:
    """Nothing takes long without rows."""
    assert _severity(backup="") is Severity.BLOCK


@pytest.mark.parametrize(
    "reference", ["drop-column", "rename-table", "unbounded-data-change", "several-tables-locked", "does-not-run"]
)
def test_what_is_not_about_time_stands(reference: str) -> None:
    """Data that is gone is gone quickly."""
    assert _severity(replace(FOUND, reference=reference)) is Severity.BLOCK


def test_what_waits_for_others_stands() -> None:
    """How long a DROP INDEX waits depends on who reads, not on how big the table is."""
    sql = "DROP INDEX ix_age"
    finding = replace(FOUND, reference="index-not-concurrent", statement=sql)
    assert _severity(finding, replace(TRACED, holds=(replace(HOLD, statement=sql),))) is Severity.BLOCK


def test_what_is_waived_already_stays_waived() -> None:
    """With its own reason."""
    waived = replace(FOUND, severity=Severity.INFO, waived="the table is empty")
    (found,) = trying.cleared([waived], TRIAL, TRACED, Limits())
    assert (found.waived, found.cleared) == ("the table is empty", "")
