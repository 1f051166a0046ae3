"""A rollback decided and carried out: back where it can be, refused where it cannot, undone where it fails."""

from dataclasses import replace

import pytest

from gonogo import codec
from gonogo.errors import NoGoError, NothingToDoError, UnreachableError, UsageError
from gonogo.model import PlanKind, Severity, StepStatus, Variable, WayBack
from gonogo.testing import API, NEW, OLD, WORKER, Scene, revision
from tests.unit.releases import Outcome, changing, executed, outcome, twice
from tests.unit.rollbacks import TALES, gone_back, released, returning, tale

GOOD = Outcome(verdict="released", exit_code=0, serving=OLD, working=OLD, schema="r2")
UNDONE = Outcome(verdict="rolled_back", exit_code=1, serving=NEW, working=NEW, schema="r2")
# What every tale ends in.
ENDS = {
    "back": GOOD,
    "back-slow": GOOD,
    "back-lost-answer": GOOD,
    "back-contract": replace(GOOD, schema="r1"),
    "back-contract-slow": replace(GOOD, schema="r1"),
    "back-from-a-dead-api": GOOD,
    "old-api-fails": UNDONE,
    "old-worker-crashes": UNDONE,
    "old-suite-fails": UNDONE,
    "old-suite-fails-contract": UNDONE,
    "back-backup-corrupt": replace(UNDONE, verdict="no_go", exit_code=4),
    "nothing-to-return-to": replace(UNDONE, verdict="needs_person", exit_code=6, serving=OLD),
}


class TestPlan:
    """What is decided, before anything is done."""

    def test_it_goes_back_to_what_served_before(self) -> None:
        """A plan of its own kind, with its own steps."""
        plan = returning(released())
        assert (plan.kind, plan.previous_commit, plan.target_commit) == (PlanKind.ROLLBACK, NEW, OLD)
        assert [step.name for step in plan.steps] == [
            "preflight", "api-rollout", "worker-rollout", "smoke", "bake", "sign-off"
        ]  # fmt: skip

    def test_a_schema_that_stays_is_not_moved(self) -> None:
        """The earlier version runs on it."""
        plan = returning(released())
        assert (plan.start_revision, plan.target_revision, plan.schema_commit) == ("r2", "r2", "")
        assert plan.forecast is not None
        assert (plan.forecast.verdict, [each.id for each in plan.pending]) == (WayBack.SAFE, ["r2"])

    def test_where_something_is_lost_it_is_backed_up_first_and_the_schema_goes_back_last(self) -> None:
        """After the code: the newer one would not run on the earlier schema."""
        plan = returning(released(TALES["back-contract"]))
        names = [step.name for step in plan.steps]
        assert names[1:3] == ["backup", "restore-check"]
        assert names.index("downgrade") == names.index("worker-rollout") + 1
        assert (plan.start_revision, plan.target_revision, plan.schema_commit) == ("r2", "r1", NEW)
        assert plan.forecast is not None
        assert plan.forecast.verdict is WayBack.SAFE_WITH_LOSS

    def test_where_it_is_impossible_the_backup_from_before_is_named(self) -> None:
        """That of the release which applied the migration."""
        scene = released(tale(kind="contract", reversible=False))
        forecast = returning(scene).forecast
        assert forecast is not None
        assert forecast.verdict is WayBack.IMPOSSIBLE
        assert f"restore.run --env prod --name {scene.entries[0].release_id} --into" in forecast.instead

    def test_a_schema_that_nobody_knows_is_unknown(self) -> None:
        """Somebody moved it by hand."""
        plan = returning(released(tale(schema="r9")))
        assert plan.forecast is not None
        assert (plan.forecast.verdict, plan.pending, plan.schema_commit) == (WayBack.UNKNOWN, (), "")

    @pytest.mark.parametrize(
        ("count", "verdict"),
        [(0, WayBack.SAFE), (2, WayBack.SAFE_WITH_LOSS), (None, WayBack.SAFE)],
    )
    def test_jobs_that_the_earlier_version_cannot_read_count(self, count: int | None, verdict: WayBack) -> None:
        """They wait, and nobody is told otherwise; a queue that has nothing to compare says nothing."""
        plan = returning(released(tale(unread=count)))
        assert plan.forecast is not None
        assert plan.forecast.verdict is verdict

    def test_a_queue_that_cannot_be_asked_makes_it_unknown(self) -> None:
        """What is not known to be safe is not called so."""
        forecast = returning(released(tale(down={"jobs"}))).forecast
        assert forecast is not None
        assert (forecast.verdict, "the job queue cannot be asked" in forecast.reasons[0].lower()) == (
            WayBack.UNKNOWN,
            True,
        )

    def test_variables_that_are_all_gone_make_it_unknown(self) -> None:
        """Or may not be read any more, which looks the same."""
        forecast = returning(released(tale(variables={API: (), WORKER: ()}))).forecast
        assert forecast is not None
        assert forecast.verdict is WayBack.UNKNOWN

    def test_a_variable_that_is_gone_makes_it_unknown(self) -> None:
        """The earlier version had it."""
        forecast = returning(released(tale(variables={API: (Variable(key="B", fingerprint="b"),)}))).forecast
        assert forecast is not None
        assert (forecast.verdict, "KEY (API)" in forecast.reasons[0]) == (WayBack.UNKNOWN, True)

    def test_a_variable_with_another_value_is_told(self) -> None:
        """It cannot be restored; where to change it is said."""
        plan = returning(released(tale(variables={API: (Variable(key="KEY", fingerprint="k2"),)})))
        told = [each for each in plan.findings if each.rule == "rollback-restores" and each.severity is Severity.ADVISE]
        assert [each.message for each in told] == ["API: another value since, which stays: KEY"]

    def test_it_starts_from_what_is_broken(self) -> None:
        """A service that is not ready, or does not answer at all, is why one goes back."""
        for scene in (released(TALES["back-from-a-dead-api"]), released(tale(down={"service"}))):
            plan = returning(scene)
            assert (plan.previous_commit, plan.target_commit) == (NEW, OLD)
            assert [each for each in plan.findings if each.severity is Severity.BLOCK] == []

    def test_a_token_that_may_not_deploy_stops_it(self) -> None:
        """As it stops a release."""
        scene = released(tale(missing_abilities=("deploy",)))
        assert [each.rule for each in returning(scene).findings if each.severity is Severity.BLOCK] == [
            "token-can-release"
        ]

    def test_a_plan_survives_the_ledger(self) -> None:
        """With its kind, its goal and its forecast."""
        plan = returning(released(TALES["back-contract"]))
        assert codec.plan_from_json(codec.plan_to_json(plan)) == plan

    def test_its_id_is_not_that_of_the_release_before(self) -> None:
        """Both are in one ledger."""
        scene = released()
        assert returning(scene).release_id != scene.entries[0].release_id


class TestRefused:
    """What cannot even be planned."""

    def test_what_serves_already_is_nothing_to_do(self) -> None:
        """Exit code 3."""
        with pytest.raises(NothingToDoError, match=f"already serves {NEW[:12]}"):
            returning(released(), wanted=NEW)

    def test_a_version_that_needs_a_newer_schema_is_released(self) -> None:
        """A rollback runs no migration forward."""
        scene = released(TALES["back-contract"])
        first = scene.entries[0].release_id
        gone_back(scene)
        with pytest.raises(NoGoError, match="needs a newer schema than r1") as caught:
            returning(scene, wanted=first)
        assert "invoke deploy.plan --env prod" in caught.value.hint

    def test_a_commit_that_is_gone_is_said_with_what_may_bring_it(self) -> None:
        """Neither its suite nor its migrations can be had."""
        lost = "c" + "0" * 39
        scene = Scene(serving=lost, working=lost)
        executed(scene)
        with pytest.raises(NoGoError, match="does not have the commit c00000000000 any more") as caught:
            returning(scene)
        assert caught.value.hint.startswith("git fetch --all")

    def test_after_the_first_rollback_there_is_nothing_before(self) -> None:
        """It does not go back and forth."""
        scene = released()
        gone_back(scene)
        with pytest.raises(NoGoError, match="nothing that stood on prod before"):
            returning(scene)

    def test_a_name_that_nobody_knows_is_a_wrong_word(self) -> None:
        """Exit code 2."""
        with pytest.raises(UsageError, match="'v1' names no release"):
            returning(released(), wanted="v1")

    def test_a_platform_that_does_not_answer_is_said(self) -> None:
        """Exit code 7; nothing was changed."""
        with pytest.raises(UnreachableError):
            returning(released(tale(down={"platform"})))


class TestCarriedOut:
    """What it leaves."""

    @pytest.mark.parametrize("name", TALES)
    def test_each_tale_ends_as_it_should(self, name: str) -> None:
        """All of it back, or all of it where it was; else a person is told."""
        scene = released(TALES[name])
        state = gone_back(scene)
        assert outcome(scene, state) == ENDS[name]
        assert (twice(scene), scene.holders, scene.scratch) == ([], {}, set())

    def test_the_suite_is_the_earlier_version_s_own(self) -> None:
        """It knows what that version can do."""
        scene = released()
        gone_back(scene)
        assert [call for call in scene.calls if call.startswith("smoke.run")] == [f"smoke.run {OLD}"]

    def test_the_log_says_that_it_went_back(self) -> None:
        """It is not called a release."""
        scene = released()
        gone_back(scene)
        assert f"WENT BACK prod {NEW[:12]} -> {OLD[:12]}" in scene.log[-1]

    def test_code_goes_before_the_schema_and_on_the_way_forward_again_after_it(self) -> None:
        """The newer code never meets the earlier schema."""
        scene = released(TALES["old-suite-fails-contract"])
        gone_back(scene)
        assert [call for call in changing(scene) if not call.startswith("platform.pin")] == [
            f"platform.trigger {API} {OLD}",
            f"platform.trigger {WORKER} {OLD}",
            "migrations.downgrade r1",
            "migrations.upgrade r2",
            f"platform.trigger {WORKER} {NEW}",
            f"platform.trigger {API} {NEW}",
        ]

    def test_where_the_schema_does_not_come_forward_again_no_newer_code_does(self) -> None:
        """It would not run; the earlier version goes on serving, and a person is told."""
        scene = released(TALES["old-suite-fails-contract"])
        scene.broken_revision = "r2"
        state = gone_back(scene)
        assert outcome(scene, state) == Outcome(
            verdict="needs_person", exit_code=6, serving=OLD, working=OLD, schema="r1"
        )
        assert [name for name, step in state.steps.items() if step.revert_started_at] == ["downgrade"]
        assert state.steps["downgrade"].status is StepStatus.REVERT_FAILED

    def test_one_may_go_back_twice(self) -> None:
        """From the newest to the one before, and to the one before that."""
        scene = released()
        gone_back(scene)
        scene.seconds += 60
        state = executed(scene)
        assert (state.verdict.value, scene.serving) == ("released", NEW)
        scene.seconds += 60
        assert outcome(scene, gone_back(scene)) == GOOD


def test_a_release_that_follows_a_rollback_is_planned_as_ever() -> None:
    """From the earlier version, over a schema that stayed."""
    scene = released(tale())
    gone_back(scene)
    scene.pending = (revision("r2"), revision("r3"))
    assert outcome(scene, executed(scene)).schema == "r3"
