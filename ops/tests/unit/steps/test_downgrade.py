"""The schema goes back to where an earlier release had it, and forward again when the rollback fails."""

from dataclasses import replace

import pytest

from gonogo.errors import NeedsPersonError, RefusedError, StepFailedError
from gonogo.model import PlanKind
from gonogo.steps.downgrade import Downgrade
from gonogo.testing import NEW, OLD, Scene, revision
from tests.unit.releases import Hand, planned

STEP = Downgrade()
CONTRACT = revision("r2", kind="contract")


def _hand(scene: Scene | None = None) -> Hand:
    """Return the step's context in a rollback from r2 to r1, whose code serves already."""
    scene = scene or Scene(pending=(CONTRACT,), schema="r2")
    forward = planned(Scene(pending=(CONTRACT,)))
    back = replace(
        forward,
        kind=PlanKind.ROLLBACK,
        previous_commit=NEW,
        target_commit=OLD,
        start_revision="r2",
        target_revision="r1",
        schema_commit=NEW,
    )
    return Hand(scene=scene, step="downgrade", plan=back)


def _failing(name: str) -> Scene:
    """Return a scene whose migrations refuse."""
    error = RefusedError("migration-failed", "cannot drop")
    return Scene(pending=(CONTRACT,), schema="r2", fail_at={name: error})


class TestForward:
    """check, apply, verify."""

    def test_the_intent_names_both_revisions(self) -> None:
        """From where to where."""
        hand = _hand()
        assert STEP.intent(hand.context().plan) == "downgrade the schema from r2 to r1"

    @pytest.mark.parametrize(("schema", "is_so"), [("r2", False), ("r1", True)])
    def test_it_is_already_so_at_the_earlier_revision(self, schema: str, is_so: bool) -> None:
        """The database says, not the journal."""
        hand = _hand(Scene(pending=(CONTRACT,), schema=schema))
        assert STEP.check(hand.context()) is is_so

    def test_it_downgrades_and_proves_it(self) -> None:
        """With the migrations of the commit that has them; the earlier one knows nothing of r2."""
        hand = _hand()
        STEP.apply(hand.context())
        assert hand.scene.schema == "r1"
        assert STEP.verify(hand.context()).evidence == {
            "schema": "r1",
            "taken back": "r2",
            "earlier code": "ready on it",
        }

    def test_another_revision_is_no_proof(self) -> None:
        """Nothing was downgraded."""
        with pytest.raises(StepFailedError, match="the database is at r2, not at r1"):
            STEP.verify(_hand().context())

    def test_an_earlier_version_that_is_not_ready_is_no_proof(self) -> None:
        """With its own words."""
        scene = Scene(pending=(CONTRACT,), schema="r1", unready={OLD: "database: no such column"})
        with pytest.raises(StepFailedError, match="not ready on its own schema: database: no such column"):
            STEP.verify(_hand(scene).context())


class TestBack:
    """is_open, revert: a rollback that failed."""

    def test_there_is_always_a_way_to_try(self) -> None:
        """Upgrading is what the release did."""
        assert STEP.is_open(_hand().context())

    def test_what_was_not_downgraded_is_left_alone(self) -> None:
        """Nothing to upgrade."""
        hand = _hand()
        assert STEP.revert(hand.context()).evidence == {"schema": "unchanged at r2"}
        assert hand.scene.calls == []

    def test_it_is_upgraded_again(self) -> None:
        """And the evidence says what does not come back."""
        hand = _hand()
        STEP.apply(hand.context())
        evidence = STEP.revert(hand.context()).evidence
        assert (hand.scene.schema, evidence) == ("r2", {"schema": "at r2 again; what was taken away stays lost"})

    def test_an_upgrade_that_fails_needs_a_person(self) -> None:
        """With the reason, and the runbook."""
        hand = _hand(_failing("migrations.upgrade"))
        STEP.apply(hand.context())
        with pytest.raises(NeedsPersonError, match="cannot drop") as caught:
            STEP.revert(hand.context())
        assert (caught.value.reference, caught.value.hint[:23]) == ("upgrade-failed", "ops/RESTORE_RUNBOOK.md,")
