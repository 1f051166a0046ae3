"""Step 4: what would hurt is stopped before it runs, by its text and by what it did to a copy."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gonogo import codec
from gonogo.errors import NeedsPersonError, RefusedError, UnreachableError
from gonogo.model import Climb, Climbed, Finding, Hold, Limits, LockMode, Outlived, Severity, Traced, Trial
from gonogo.steps.migration_gate import MigrationGate
from gonogo.testing import OLD, Scene, config, revision
from tests.unit.releases import Hand, planned, slow_trial

STEP = MigrationGate()
SQL = "CREATE INDEX i ON thoughts (text)"
INDEX = {"r2": SQL}
QUICK = Hold(relation="public.thoughts", mode=LockMode.SHARE, began_s=0.0, ended_s=0.012, statement=SQL)
FINE = Trial(
    at=datetime(2026, 1, 1, tzinfo=UTC),
    backup="b.dump",
    server_version="18.4",
    database_bytes=1000,
    traced=(Traced(revision="r2", seconds=0.02, holds=(QUICK,)),),
    climbed=(Climbed(revision="r2", climb=Climb.OK),),
    outlived=Outlived(commit=OLD, runs=True),
)


def _hand(scene: Scene, limits: Limits | None = None) -> Hand:
    """Return the step's context, with this release's backup taken."""
    decided = planned(scene)
    scene.world().backups.take(decided.release_id)
    scene.calls.clear()
    return Hand(scene=scene, step="migration-gate", plan=decided, config=config(limits=limits or Limits()))


def _found(scene: Scene, limits: Limits | None = None) -> dict[str, Finding]:
    """Return what the step finds, by rule."""
    hand = _hand(scene, limits)
    STEP.apply(hand.context())
    return {each.rule: each for each in STEP.verify(hand.context()).findings}


def _blocking(scene: Scene, limits: Limits | None = None) -> list[str]:
    """Return the rules that stop a release."""
    return [rule for rule, each in _found(scene, limits).items() if each.severity is Severity.BLOCK]


@pytest.mark.parametrize(
    ("pending", "words"),
    [((), "0 pending migrations"), (("r2",), "1 pending migration"), (("r2", "r3"), "2 pending migrations")],
)
def test_the_intent_counts_what_is_pending(pending: tuple[str, ...], words: str) -> None:
    """In the plan."""
    scene = Scene(pending=tuple(revision(each) for each in pending))
    assert words in STEP.intent(planned(scene))


class TestTrial:
    """What is held, written down, and cleared away."""

    def test_it_is_held_on_a_copy_that_is_named_first_and_gone_at_the_end(self) -> None:
        """Nothing of the environment is changed."""
        scene = Scene()
        hand = _hand(scene)
        STEP.apply(hand.context())
        name = hand.notes["migration-gate"]["scratch"]
        assert (scene.calls, scene.scratch) == ([f"trials.hold {name}", f"trials.clear {name}"], set())

    def test_it_is_written_down_whole_before_it_is_weighed(self) -> None:
        """Later steps and the way back read it."""
        hand = _hand(Scene(trial=slow_trial()))
        STEP.apply(hand.context())
        assert codec.trial_from_json(hand.notes["migration-gate"]["trial"]) == slow_trial()

    def test_one_that_is_written_down_is_not_held_again(self) -> None:
        """Whoever resumes reads it."""
        scene = Scene()
        hand = _hand(scene)
        STEP.apply(hand.context())
        STEP.apply(hand.context())
        assert scene.counts["trials.hold"] == 1

    @pytest.mark.parametrize("damaged", [{}, "?", {"at": "never"}, {"at": "2026-01-01", "traced": [{"new": 1}]}])
    def test_one_that_cannot_be_read_is_held_anew(self, damaged: object) -> None:
        """A damaged ledger, or one that a newer version wrote, is no proof and no trace."""
        hand = _hand(Scene())
        hand.notes["migration-gate"] = {"trial": damaged}
        STEP.apply(hand.context())
        assert codec.trial_from_json(hand.notes["migration-gate"]["trial"]).traced

    def test_without_pending_migrations_there_is_none(self) -> None:
        """And the linter is not asked."""
        scene = Scene(pending=(), statements=INDEX)
        hand = _hand(scene)
        STEP.apply(hand.context())
        proof = STEP.verify(hand.context())
        assert (scene.calls, proof.evidence["pending"], list(proof.findings)) == ([], "none", [])

    def test_a_copy_that_a_killed_process_left_is_dropped(self) -> None:
        """By its name, on the server of the trial."""
        scene = Scene()
        hand = _hand(scene)
        STEP.apply(hand.context())
        del hand.notes["migration-gate"]["trial"]
        scene.scratch.add(hand.notes["migration-gate"]["scratch"])
        assert STEP.may_leave(hand.context())
        assert (STEP.revert(hand.context()).evidence, scene.scratch) == ({"the trial's copy": "gone"}, set())

    def test_one_that_cannot_be_dropped_needs_a_person(self) -> None:
        """With the statement that does it."""
        scene = Scene()
        hand = _hand(scene)
        STEP.apply(hand.context())
        del hand.notes["migration-gate"]["trial"]
        scene.scratch.add(hand.notes["migration-gate"]["scratch"])
        scene.fail_at = {"trials.clear": UnreachableError("database-unreachable", "no answer")}
        with pytest.raises(NeedsPersonError) as refused:
            STEP.revert(hand.context())
        assert "DROP DATABASE IF EXISTS gonogo_scratch_" in refused.value.hint

    def test_after_a_trial_that_is_written_down_nothing_is_left(self) -> None:
        """It was dropped before that."""
        hand = _hand(Scene())
        STEP.apply(hand.context())
        assert (STEP.may_leave(hand.context()), STEP.revert(hand.context()).evidence) == (False, {})

    def test_a_silent_scratch_server_is_no_verdict(self) -> None:
        """Nothing has changed; it is tried again later."""
        fails = {"trials.hold": UnreachableError("database-unreachable", "the scratch server does not answer")}
        with pytest.raises(UnreachableError):
            STEP.apply(_hand(Scene(fail_at=dict(fails))).context())


class TestWeighed:
    """What stops a release, and what lets one go."""

    def test_sql_trial_and_way_back_are_shown(self) -> None:
        """Before anything of it runs."""
        hand = _hand(Scene(pending=(revision("r2"), revision("r3"))))
        STEP.apply(hand.context())
        evidence = STEP.verify(hand.context()).evidence
        assert (evidence["SQL of r2"], evidence["SQL of r3"]) == ("SELECT 'r2';\n", "SELECT 'r3';\n")
        assert (evidence["pending"], evidence["way back"].split(":")[0]) == ("2", "roll back")
        assert evidence["trial of r2"] == "100 ms, nobody had to wait"

    def test_what_is_within_the_budgets_passes(self) -> None:
        """Nothing blocks."""
        assert _blocking(Scene(trial=FINE)) == []

    def test_what_is_over_a_budget_is_stopped(self) -> None:
        """It names revision, table, mode, seconds, budget and the next command."""
        found = _found(Scene(trial=slow_trial()))["trial-stops-writes"]
        assert found.severity is Severity.BLOCK
        assert "r2 (versions/r2.py), holds SHARE on public.thoughts for 60.0 s; the budget is 2.0 s" in found.message
        assert "invoke migrate.lint --revision r2" in found.hint

    def test_another_budget_is_another_verdict(self) -> None:
        """As the environment says."""
        assert _blocking(Scene(trial=slow_trial()), Limits(trial_writes_s=61.0)) == []

    def test_a_revision_that_fails_on_the_copy_is_stopped(self) -> None:
        """It would fail on the data."""
        broken = replace(FINE, traced=(Traced(revision="r2", seconds=0.1, problem="null value in column age"),))
        found = _found(Scene(trial=broken))["trial-fails"]
        assert (found.severity, "null value in column age" in found.message) == (Severity.BLOCK, True)

    @pytest.mark.parametrize("climb", [Climb.FAILS, Climb.LEAVES_TRACES, Climb.NO_DOWNGRADE])
    def test_a_stair_that_does_not_hold_stops_what_says_that_it_does(self, climb: Climb) -> None:
        """A rollback would rely on it."""
        broken = replace(FINE, climbed=(Climbed(revision="r2", climb=climb),))
        assert _blocking(Scene(trial=broken)) == ["trial-stair"]
        one_way = Scene(trial=broken, pending=(revision("r2", reversible=False),))
        assert _blocking(one_way) == []

    def test_the_release_that_runs_now_has_to_survive(self) -> None:
        """Unless somebody excused it, for a while and with a reason."""
        dead = Outlived(commit=OLD, runs=False, failed=("GET /users fails: column age does not exist",))
        assert _blocking(Scene(trial=replace(FINE, outlived=dead))) == ["trial-elder"]
        excused = replace(FINE, outlived=replace(dead, excused="nobody calls it since June"))
        assert _blocking(Scene(trial=excused)) == []

    def test_whether_it_survives_is_said_where_nobody_knows(self) -> None:
        """As advice."""
        found = _found(Scene())["trial-elder"]
        assert (found.severity, "was not tried" in found.message) == (Severity.ADVISE, True)


class TestRules:
    """What the linter says, set against the trial."""

    def test_what_the_linter_says_stops_where_nobody_tried(self) -> None:
        """A blocking finding fails the step."""
        assert _blocking(Scene(statements=INDEX)) == ["index-not-concurrent"]

    def test_what_the_trial_shows_to_be_short_is_information(self) -> None:
        """The same statement, on the same data, far below the budget."""
        found = _found(Scene(statements=INDEX, trial=FINE))["index-not-concurrent"]
        assert found.severity is Severity.INFO
        assert "cleared by the trial: SHARE on public.thoughts 12.0 ms, no rewrite" in found.message


class TestWithoutTrial:
    """When none can be held."""

    REFUSED = RefusedError("no-trial", "there is no room for a copy")

    @pytest.mark.parametrize(("required", "severity"), [(False, Severity.ADVISE), (True, Severity.BLOCK)])
    def test_it_is_advice_unless_one_is_required(self, required: bool, severity: Severity) -> None:
        """It says why, and what is not known."""
        scene = Scene(fail_at={"trials.hold": self.REFUSED})
        found = _found(scene, Limits(require_trial=required))["no-trial"]
        assert (found.severity, "there is no room for a copy" in found.message) == (severity, True)

    def test_what_was_not_come_to_is_said(self) -> None:
        """A trial without a revision is none of it."""
        scene = Scene(trial=FINE, pending=(revision("r2"), revision("r3")))
        assert "it did not come to r3" in _found(scene)["no-trial"].message
