"""Step 5: the schema moves while the old code serves, and the way back is known."""

from dataclasses import replace
from itertools import product

import pytest

from gonogo import retreat, trying
from gonogo.errors import LockTimeoutError, NeedsPersonError, RefusedError, StepFailedError
from gonogo.model import Compared, Revision, Standing, Traced, WayBack
from gonogo.steps.migrate import Migrate
from gonogo.testing import OLD, Scene, revision
from tests.unit.releases import Hand, planned, slow_trial

STEP = Migrate()
TWO = (revision("r2"), revision("r3"))
PREDICTED = (Traced(revision="r2", seconds=0.8),)
KINDS = list(product(("expand", "contract", "data", "unknown"), (True, False)))
# Every pair of migrations that can be pending together.
PAIRS = [
    (revision("r2", kind=first[0], reversible=first[1]), revision("r3", kind=second[0], reversible=second[1]))
    for first, second in product(KINDS, KINDS)
]


def _hand(scene: Scene, *, rolled_out: bool = False) -> Hand:
    """Return the step's context; once rolled out, new code has met the schema."""
    hand = Hand(scene=scene, step="migrate", plan=planned(scene))
    hand.notes["api-rollout"] = {"deploy_after": 0} if rolled_out else {}
    return hand


def _applied(scene: Scene, *, rolled_out: bool = True) -> Hand:
    """Return the step's context with its migrations applied."""
    hand = _hand(scene, rolled_out=rolled_out)
    STEP.apply(hand.context())
    return hand


def _comes_back(hand: Hand) -> bool:
    """Return whether the step can be undone."""
    try:
        STEP.revert(hand.context())
    except NeedsPersonError:
        return False
    return True


class TestForward:
    """check, apply, verify."""

    def test_the_intent_names_the_revision(self) -> None:
        """Or says that there is nothing to apply."""
        assert STEP.intent(planned(Scene())) == "upgrade the schema to r2"
        assert STEP.intent(planned(Scene(pending=()))) == "nothing to apply"

    @pytest.mark.parametrize(("schema", "is_so"), [("r1", False), ("r2", True)])
    def test_it_is_already_so_at_the_target_s_revision(self, schema: str, is_so: bool) -> None:
        """The database says, not the journal."""
        scene = Scene()
        hand = _hand(scene)
        scene.schema = schema
        assert STEP.check(hand.context()) is is_so

    def test_the_schema_is_brought_to_the_head(self) -> None:
        """And the old code is ready on it."""
        evidence = STEP.verify(_applied(Scene(pending=TWO)).context()).evidence
        said = {name: evidence[name] for name in ("schema", "applied", "old code")}
        assert said == {"schema": "r3", "applied": "r2, r3", "old code": "ready on it"}

    def test_what_the_trial_said_stands_beside_what_happened(self) -> None:
        """In the evidence, and kept for later releases."""
        hand = _applied(Scene(pending=TWO))
        hand.notes["migration-gate"] = {"trial": trying.to_json(replace(slow_trial(), traced=PREDICTED))}
        evidence = STEP.verify(hand.context()).evidence
        assert evidence["time of r2"] == "predicted 800 ms, took 200 ms"
        assert evidence["time of r3"] == "not predicted, took 200 ms"
        kept = trying.compared_from_json(hand.notes["migrate"]["compared"])
        assert kept[0] == Compared(revision="r2", predicted_s=0.8, took_s=0.2, attempts=1)

    def test_a_database_that_keeps_no_record_is_no_failure(self) -> None:
        """What it took is then not known."""
        scene = Scene()
        hand = _applied(scene)
        scene.standing = Standing()
        assert STEP.verify(hand.context()).evidence["time of r2"] == "not predicted, not recorded"

    def test_a_lock_that_was_not_to_be_had_is_the_step_s_error(self) -> None:
        """Whoever runs the migration has tried often enough; the step does not begin anew."""
        scene = Scene(lock_timeouts=2)
        with pytest.raises(LockTimeoutError):
            _applied(scene)
        assert (scene.schema, scene.lock_timeouts) == ("r1", 1)

    def test_a_migration_that_failed_is_not_tried_again(self) -> None:
        """It would fail again, or do half of it twice."""
        scene = Scene(broken_revision="r2")
        with pytest.raises(RefusedError, match="column exists"):
            _applied(scene)
        assert scene.counts["migrations.upgrade"] == 1

    def test_another_revision_than_the_target_s_is_a_failure(self) -> None:
        """The migration command may have ended well all the same."""
        with pytest.raises(StepFailedError, match="the database is at r1, not at r2"):
            STEP.verify(_hand(Scene()).context())

    def test_old_code_that_does_not_survive_the_migration_is_a_failure(self) -> None:
        """It serves until the rollout is over."""
        scene = Scene(unready={OLD: "database: no such column"})
        with pytest.raises(StepFailedError, match="not ready on the new schema: database: no such column"):
            STEP.verify(_applied(scene).context())


class TestBack:
    """revert."""

    def test_nothing_applied_is_nothing_to_undo(self) -> None:
        """The schema is as it was."""
        scene = Scene()
        assert STEP.revert(_hand(scene).context()).evidence == {"schema": "unchanged at r1"}
        assert scene.calls == []

    @pytest.mark.parametrize("reversible", [True, False])
    def test_what_old_code_survives_stays_after_a_rollout(self, reversible: bool) -> None:
        """New code may have written into it."""
        scene = Scene(pending=(revision("r2", reversible=reversible),))
        assert "the old code runs on it" in STEP.revert(_applied(scene).context()).evidence["schema"]
        assert scene.schema == "r2"

    def test_before_a_rollout_what_is_reversible_is_taken_back(self) -> None:
        """Nothing has used it yet."""
        scene = Scene()
        assert STEP.revert(_applied(scene, rolled_out=False).context()).evidence == {"schema": "back at r1"}

    def test_half_of_the_migrations_are_taken_back(self) -> None:
        """The second one failed."""
        scene = Scene(pending=TWO, broken_revision="r3")
        hand = _hand(scene)
        with pytest.raises(RefusedError):
            STEP.apply(hand.context())
        assert STEP.revert(hand.context()).evidence == {"schema": "back at r1"}

    def test_an_empty_database_is_gone_back_to(self) -> None:
        """Nothing is a revision too."""
        scene = Scene(schema=None, pending=(revision("r2", kind="contract"),))
        assert STEP.revert(_applied(scene).context()).evidence == {"schema": "back at nothing"}
        assert scene.schema is None

    def test_a_migration_without_way_back_needs_a_person(self) -> None:
        """It is named, and so is the runbook."""
        scene = Scene(pending=(revision("r2", kind="contract", reversible=False),))
        with pytest.raises(NeedsPersonError, match="r2 is applied and has no way back") as caught:
            STEP.revert(_applied(scene).context())
        assert caught.value.hint.startswith("roll forward: mend it and release that, invoke deploy.plan --env prod")
        assert "restore.run --env prod --name" in caught.value.hint

    def test_a_downgrade_that_fails_needs_a_person(self) -> None:
        """With the reason, and the runbook."""
        scene = Scene(fail_at={"migrations.downgrade": RefusedError("migration-failed", "cannot drop")})
        with pytest.raises(NeedsPersonError, match="cannot drop") as caught:
            STEP.revert(_applied(scene, rolled_out=False).context())
        assert caught.value.hint.startswith("ops/RESTORE_RUNBOOK.md")

    def test_a_schema_that_nobody_knows_needs_a_person(self) -> None:
        """It is not ours, so it is not unchanged."""
        scene = Scene()
        hand = _hand(scene)
        scene.schema = "r9"
        with pytest.raises(NeedsPersonError, match="the schema is at r9"):
            STEP.revert(hand.context())

    @pytest.mark.parametrize("pending", PAIRS, ids=lambda pair: "+".join(f"{r.kind}:{r.reversible}" for r in pair))
    def test_old_code_may_come_back_exactly_where_the_schema_can(self, pending: tuple[Revision, ...]) -> None:
        """Asked before any of it is brought back."""
        hand = _applied(Scene(pending=pending))
        assert STEP.is_open(hand.context()) is _comes_back(hand)

    @pytest.mark.parametrize(("kind", "is_open"), [("expand", True), ("contract", False)])
    def test_where_the_database_does_not_answer_what_may_be_applied_decides(self, kind: str, is_open: bool) -> None:
        """Nobody can say that it is not."""
        hand = _hand(Scene(pending=(revision("r2", kind=kind, reversible=False),)))
        context = hand.context()
        hand.scene.down.add("database")
        assert STEP.is_open(context) is is_open

    def test_onto_a_schema_that_nobody_knows_old_code_does_not_come_back(self) -> None:
        """What is not known to be safe is not safe."""
        hand = _hand(Scene())
        hand.scene.schema = "r9"
        assert not STEP.is_open(hand.context())

    @pytest.mark.parametrize("pending", PAIRS, ids=lambda pair: "+".join(f"{r.kind}:{r.reversible}" for r in pair))
    def test_the_way_back_is_the_one_that_the_plan_announced(self, pending: tuple[Revision, ...]) -> None:
        """Whoever read the plan is not surprised."""
        announced = retreat.rule(pending).verdict in {WayBack.SAFE, WayBack.SAFE_WITH_LOSS}
        assert _comes_back(_applied(Scene(pending=pending))) is announced
