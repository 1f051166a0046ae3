"""Step 4: SQL that would hurt is stopped before it runs."""

import pytest

from gonogo.model import Severity
from gonogo.steps.migration_gate import MigrationGate
from gonogo.testing import Scene, revision
from tests.unit.releases import Hand, planned

STEP = MigrationGate()
INDEX = {"r2": "CREATE INDEX i ON thoughts (text)"}


def _hand(scene: Scene) -> Hand:
    """Return the step's context."""
    return Hand(scene=scene, step="migration-gate")


@pytest.mark.parametrize(
    ("pending", "words"),
    [((), "0 pending migrations"), (("r2",), "1 pending migration"), (("r2", "r3"), "2 pending migrations")],
)
def test_the_intent_counts_what_is_pending(pending: tuple[str, ...], words: str) -> None:
    """In the plan."""
    scene = Scene(pending=tuple(revision(each) for each in pending))
    assert STEP.intent(planned(scene)).endswith(words)


def test_it_only_looks() -> None:
    """No call that changes anything."""
    scene = Scene()
    context = _hand(scene).context()
    assert not STEP.check(context)
    STEP.apply(context)
    STEP.verify(context)
    assert scene.calls == []


def test_the_sql_of_each_migration_and_the_way_back_are_shown() -> None:
    """Before anything of it runs."""
    evidence = STEP.verify(_hand(Scene(pending=(revision("r2"), revision("r3")))).context()).evidence
    assert (evidence["SQL of r2"], evidence["SQL of r3"]) == ("SELECT 'r2';\n", "SELECT 'r3';\n")
    assert (evidence["pending"], evidence["way back"].split(":")[0]) == ("2", "roll back")


def test_what_the_linter_says_is_weighed() -> None:
    """A blocking finding fails the step."""
    (found,) = STEP.verify(_hand(Scene(statements=INDEX)).context()).findings
    assert (found.rule, found.severity) == ("index-not-concurrent", Severity.BLOCK)


def test_nothing_pending_is_said() -> None:
    """And the linter is not asked."""
    proof = STEP.verify(_hand(Scene(pending=(), statements=INDEX)).context())
    assert (proof.evidence["pending"], list(proof.findings)) == ("none", [])
