"""What pending migrations will do, before they do it."""

from dataclasses import replace
from datetime import date

import pytest

from gonogo.foresight import foresee
from gonogo.model import Foreseen, Said, Severity
from gonogo.testing import NEW, Scene, revision

SAID = Said(rule="identifier-too-long", line=2, message="too long", help="shorten it")
PENDING = (revision("r2"), revision("r3"))
TODAY = date(2026, 11, 21)


def _foreseen(scene: Scene) -> tuple[Foreseen, ...]:
    """Return what a scene's pending migrations will do."""
    world = scene.world()
    return foresee(world.migrations, world.checkouts.provide(NEW), scene.pending, today=TODAY)


def test_each_migration_stands_with_its_own_sql() -> None:
    """One at a time: a linter trusts what the same file creates."""
    assert [each.sql for each in _foreseen(Scene(pending=PENDING))] == ["SELECT 'r2';\n", "SELECT 'r3';\n"]


def test_nothing_pending_is_nothing_foreseen() -> None:
    """No SQL."""
    assert _foreseen(Scene(pending=())) == ()


def test_what_squawk_says_stands_by_each_migration() -> None:
    """Whoever reads one sees which migration it speaks of."""
    statements = {each.id: "ALTER TYPE a ADD ATTRIBUTE b int" for each in PENDING}
    said = [each.findings[0] for each in _foreseen(Scene(pending=PENDING, squawk=(SAID,), statements=statements))]
    assert [each.message for each in said] == [
        f"{name} (versions/{name}.py), too long: shorten it" for name in ("r2", "r3")
    ]
    assert {each.rule for each in said} == {"squawk-identifier-too-long"}


def test_a_finding_says_what_would_happen_and_what_to_write_instead() -> None:
    """With the names that the migration uses."""
    (found,) = _foreseen(Scene(statements={"r2": "CREATE INDEX ix_age ON users (age)"}))[0].findings
    assert (found.rule, found.severity) == ("index-not-concurrent", Severity.BLOCK)
    assert "nobody can write to users" in found.message
    assert "CREATE INDEX CONCURRENTLY ix_age ON users (age)" in found.hint


@pytest.mark.parametrize(
    ("kind", "sql", "severity"),
    [
        ("expand", "ALTER TABLE users DROP COLUMN age", Severity.BLOCK),
        ("contract", "ALTER TABLE users DROP COLUMN age", Severity.ADVISE),
        ("contract", "CREATE INDEX ix_age ON users (age)", Severity.BLOCK),
    ],
)
def test_taking_away_is_what_a_contract_is_for(kind: str, sql: str, severity: Severity) -> None:
    """Locks block everywhere; what breaks old code blocks only where old code must survive."""
    scene = Scene(pending=(revision("r2", kind=kind, reversible=False),), statements={"r2": sql})
    assert _foreseen(scene)[0].findings[0].severity is severity


@pytest.mark.parametrize("kind", ["expand", "contract", "data"])
def test_a_migration_that_says_what_it_is_passes(kind: str) -> None:
    """The three kinds."""
    assert _foreseen(Scene(pending=(revision("r2", kind=kind),)))[0].findings == ()


def test_a_migration_that_does_not_say_whether_old_code_survives_it_blocks() -> None:
    """It names the file, and what to write into it."""
    pending = (replace(revision("r2"), kind="unknown"),)
    (finding,) = _foreseen(Scene(pending=pending))[0].findings
    assert (finding.severity, finding.rule) == (Severity.BLOCK, "migration-declares-kind")
    assert ("versions/r2.py" in finding.message, "kind =" in finding.hint) == (True, True)
