"""What pending migrations will do, before they do it."""

from dataclasses import replace

import pytest

from gonogo.foresight import Foreseen, foresee
from gonogo.model import Finding, Severity
from gonogo.testing import NEW, Scene, revision

FOUND = Finding(rule="squawk", severity=Severity.ADVISE, message="lock")
PENDING = (revision("r2"), revision("r3"))


def _foreseen(scene: Scene, start: str | None = "r1") -> tuple[Foreseen, ...]:
    """Return what a scene's pending migrations will do."""
    world = scene.world()
    return foresee(world.migrations, world.checkouts.provide(NEW), start, scene.pending)


def test_each_migration_is_rendered_from_the_one_before_it() -> None:
    """One at a time: a linter trusts what the same file creates."""
    assert [each.sql for each in _foreseen(Scene(pending=PENDING))] == ["-- r1 to r2", "-- r2 to r3"]


def test_an_empty_database_starts_from_nothing() -> None:
    """None is before the first."""
    assert _foreseen(Scene(), start=None)[0].sql == "-- None to r2"


def test_nothing_pending_is_nothing_foreseen() -> None:
    """No SQL."""
    assert _foreseen(Scene(pending=())) == ()


def test_the_linter_s_findings_stand_by_each_migration() -> None:
    """Whoever reads one sees which migration it speaks of."""
    said = [each.findings[0].message for each in _foreseen(Scene(pending=PENDING, lint=(FOUND,)))]
    assert said == ["r2 (versions/r2.py), lock", "r3 (versions/r3.py), lock"]


@pytest.mark.parametrize(
    ("kind", "rule", "severity"),
    [
        ("expand", "ban-drop-column", Severity.BLOCK),
        ("contract", "ban-drop-column", Severity.ADVISE),
        ("contract", "require-concurrent-index-creation", Severity.BLOCK),
    ],
)
def test_taking_away_is_what_a_contract_is_for(kind: str, rule: str, severity: Severity) -> None:
    """Locks block everywhere; what breaks old code blocks only where old code must survive."""
    found = Finding(rule=rule, severity=Severity.BLOCK, message="lock")
    scene = Scene(pending=(revision("r2", kind=kind),), lint=(found,))
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
