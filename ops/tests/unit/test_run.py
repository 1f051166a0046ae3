"""What a release does, step by step, and what it does when a step fails."""

import json
from dataclasses import replace

import pytest

from gonogo import codec, journal, run, steps
from gonogo.errors import (
    ConfigurationError,
    NeedsPersonError,
    RefusedError,
    StepFailedError,
    UnreachableError,
)
from gonogo.model import Entry, EntryKind, Finding, Severity, StepStatus, Verdict
from gonogo.testing import API, NEW, OLD, WORKER, Scene, revision
from tests.unit.releases import (
    CONFIG,
    FAILED_SUITE,
    STORIES,
    changing,
    executed,
    leaked,
    outcome,
    planned,
    resumed,
    twice,
    unannounced,
)

ENDINGS = {
    "backup-corrupt": (Verdict.NO_GO, 4, "restore-check"),
    "restore-check-unreachable": (Verdict.NO_GO, 7, "restore-check"),
    "migration-breaks": (Verdict.ROLLED_BACK, 1, "migrate"),
    "api-deployment-fails": (Verdict.ROLLED_BACK, 1, "api-rollout"),
    "api-wrong-version": (Verdict.ROLLED_BACK, 1, "api-rollout"),
    "api-unready": (Verdict.ROLLED_BACK, 1, "api-rollout"),
    "worker-crash": (Verdict.ROLLED_BACK, 1, "worker-rollout"),
    "smoke-fails": (Verdict.ROLLED_BACK, 1, "smoke"),
    "smoke-fails-one-way": (Verdict.NEEDS_PERSON, 6, "smoke"),
    "bake-fails": (Verdict.ROLLED_BACK, 1, "bake"),
    "sign-off-fails": (Verdict.NEEDS_PERSON, 6, "sign-off"),
    "no-way-to-the-old-api": (Verdict.NEEDS_PERSON, 6, "smoke"),
}


def _calls_of(story: str) -> list[str]:
    """Return every call of a story."""
    scene = STORIES[story]()
    executed(scene)
    return scene.calls


class TestGood:
    """A release that goes through."""

    def test_it_ends_as_released_with_the_target_serving(self) -> None:
        """API, worker and schema are the new ones, exit code 0."""
        scene = Scene()
        state = executed(scene)
        assert (state.verdict, state.ending["exit_code"]) == (Verdict.RELEASED, 0)
        assert (scene.serving, scene.working, scene.schema) == (NEW, NEW, "r2")

    def test_the_end_says_what_the_service_said_last(self) -> None:
        """The serving commit is observed, not assumed."""
        assert executed(Scene()).ending["serving_commit"] == NEW

    def test_effects_come_in_the_order_of_the_steps(self) -> None:
        """Backup, restore check, trial, migration, API, worker, smoke, the bake's canaries, log."""
        effects = [call.split()[0] for call in _calls_of("good") if not call.startswith("ledger.")]
        before = "backups.take database.restore database.drop trials.hold trials.clear migrations.upgrade"
        rollout = " platform.pin platform.trigger"
        after = " service.canary smoke.run" + " service.canary" * 5 + " log.append"
        assert " ".join(effects) == f"{before}{rollout * 2}{after}"

    def test_every_step_is_done(self) -> None:
        """None is left out."""
        state = executed(Scene())
        assert {step.status for step in state.steps.values()} == {StepStatus.DONE}

    def test_every_step_has_evidence(self) -> None:
        """A step that proves nothing is no step."""
        state = executed(Scene())
        assert [name for name, step in state.steps.items() if not step.evidence] == []

    def test_what_is_already_so_is_not_done_again(self) -> None:
        """A database at the head is not migrated, and the journal says so."""
        scene = Scene(pending=())
        executed(scene)
        done = [entry for entry in scene.entries if entry.kind is EntryKind.STEP_DONE and entry.data["already"]]
        assert [entry.step for entry in done] == ["migrate"]

    def test_an_observer_is_told_every_entry_after_it_is_stored(self) -> None:
        """A live view sees the journal, position included."""
        scene = Scene()
        seen: list[Entry] = []
        run.execute(planned(scene), world=scene.world(seen.append), config=CONFIG, steps=steps.ALL)
        assert [entry.seq for entry in seen] == [entry.seq for entry in scene.entries]

    def test_an_ended_release_is_not_run_again(self) -> None:
        """Going on with it does nothing and says how it ended."""
        scene = Scene()
        executed(scene)
        calls = list(scene.calls)
        assert (resumed(scene).verdict, scene.calls) == (Verdict.RELEASED, calls)


class TestEveryStory:
    """What holds however a release goes."""

    @pytest.mark.parametrize("story", STORIES)
    def test_the_intent_is_in_the_journal_before_each_effect(self, story: str) -> None:
        """Whoever finds the journal knows what may have happened."""
        scene = STORIES[story]()
        executed(scene)
        assert unannounced(scene) == []

    @pytest.mark.parametrize("story", STORIES)
    def test_no_effect_happens_twice(self, story: str) -> None:
        """One deployment of a commit per application, each migration once."""
        scene = STORIES[story]()
        executed(scene)
        assert twice(scene) == []

    @pytest.mark.parametrize("story", STORIES)
    def test_the_lock_is_free_at_the_end(self, story: str) -> None:
        """And no scratch database is left."""
        scene = STORIES[story]()
        executed(scene)
        assert (scene.holders, scene.scratch) == ({}, set())

    @pytest.mark.parametrize("story", STORIES)
    def test_the_journal_ends_with_the_verdict(self, story: str) -> None:
        """And nothing comes after it."""
        scene = STORIES[story]()
        state = executed(scene)
        assert (scene.entries[-1].kind, scene.entries[-1].data["verdict"]) == (EntryKind.RELEASE_ENDED, state.verdict)

    @pytest.mark.parametrize("story", STORIES)
    def test_no_secret_is_in_the_journal(self, story: str) -> None:
        """Nor in any call."""
        scene = STORIES[story]()
        executed(scene)
        assert leaked(json.dumps([dict(entry.data) for entry in scene.entries]) + str(scene.calls)) == []


class TestFailures:
    """Each failure ends with its exit code, its step and the state that it promises."""

    @pytest.mark.parametrize(("story", "ending"), ENDINGS.items())
    def test_the_end_names_the_verdict_the_code_and_the_step(
        self, story: str, ending: tuple[Verdict, int, str]
    ) -> None:
        """The table of DESIGN section 4."""
        state = executed(STORIES[story]())
        assert (state.verdict, state.ending["exit_code"], state.ending["where"]) == ending

    @pytest.mark.parametrize("story", ENDINGS)
    def test_the_end_says_why_and_what_to_do(self, story: str) -> None:
        """A reason and a next command, always."""
        state = executed(STORIES[story]())
        assert state.ending["reason"]
        assert state.ending["hint"]

    @pytest.mark.parametrize("story", [name for name, ending in ENDINGS.items() if ending[0] is Verdict.ROLLED_BACK])
    def test_rolled_back_means_the_old_version_serves_and_works(self, story: str) -> None:
        """API and worker, as the world says."""
        scene = STORIES[story]()
        state = executed(scene)
        assert (scene.serving, scene.working, state.ending["serving_commit"]) == (OLD, OLD, OLD)

    @pytest.mark.parametrize("story", ["backup-corrupt", "restore-check-unreachable"])
    def test_a_gate_that_says_no_has_changed_nothing(self, story: str) -> None:
        """Not one changing call."""
        assert changing_calls(story) == []

    def test_a_failed_api_leaves_the_worker_alone(self) -> None:
        """What was not started is not undone."""
        calls = _calls_of("api-wrong-version")
        assert [call for call in calls if WORKER in call] == []

    def test_a_failed_worker_takes_the_api_back_too(self) -> None:
        """Last first: the worker, then the API."""
        triggered = [call.split()[1:] for call in _calls_of("worker-crash") if call.startswith("platform.trigger")]
        assert triggered == [[API, NEW], [WORKER, NEW], [WORKER, OLD], [API, OLD]]

    def test_the_next_deployment_would_build_the_old_commit(self) -> None:
        """A rollback that leaves the pin would be undone by the next restart."""
        scene = STORIES["api-wrong-version"]()
        executed(scene)
        assert scene.pinned[API] == OLD

    def test_migrations_that_fail_half_way_are_taken_back(self) -> None:
        """To the revision that the release started from; nothing was deployed."""
        scene = STORIES["migration-breaks"]()
        executed(scene)
        assert (scene.schema, changing(scene)[-1]) == ("r1", "migrations.downgrade r1")

    def test_a_reversible_contract_migration_is_taken_back(self) -> None:
        """After the old code serves again, last of all."""
        scene = STORIES["smoke-fails-contract"]()
        executed(scene)
        assert (scene.schema, changing(scene)[-1]) == ("r1", "migrations.downgrade r1")

    def test_an_expand_migration_stays(self) -> None:
        """Old code runs on it."""
        scene = STORIES["smoke-fails"]()
        executed(scene)
        assert scene.schema == "r2"

    def test_a_migration_without_way_back_needs_a_person(self) -> None:
        """The runbook is named, and the old code is not brought back onto a schema that it cannot run on."""
        scene = STORIES["smoke-fails-one-way"]()
        state = executed(scene)
        assert ("ops/RESTORE_RUNBOOK.md" in state.ending["hint"], scene.serving, scene.working) == (True, NEW, NEW)
        assert [name for name, step in state.steps.items() if step.revert_started_at] == ["migrate"]

    def test_a_failed_sign_off_does_not_roll_a_proven_release_back(self) -> None:
        """A line in a log is not worth a rollback."""
        scene = STORIES["sign-off-fails"]()
        executed(scene)
        assert (scene.serving, scene.working, scene.schema) == (NEW, NEW, "r2")

    def test_everything_else_is_undone_after_one_thing_could_not_be(self) -> None:
        """The API does not come back; the worker does."""
        scene = STORIES["no-way-to-the-old-api"]()
        state = executed(scene)
        assert (scene.serving, scene.working) == (NEW, OLD)
        assert state.steps["api-rollout"].status is StepStatus.REVERT_FAILED

    def test_an_outside_that_is_gone_after_a_change_is_a_rollback(self) -> None:
        """Exit code 7 is for nothing changed."""
        scene = Scene(fail_at={"smoke.run": UnreachableError("api-unreachable", "the API does not answer")})
        assert outcome(scene, executed(scene)).exit_code == 1

    def test_configuration_that_turns_out_wrong_at_a_gate_is_a_no_go(self) -> None:
        """Nothing has changed."""
        scene = Scene(fail_at={"backups.take": ConfigurationError("no-tool", "there is no pg_dump")})
        assert outcome(scene, executed(scene)).exit_code == 4

    def test_a_lock_that_is_never_had_is_a_rollback(self) -> None:
        """Once the runner has given up, nobody tries again."""
        scene = Scene(lock_timeouts=1)
        assert outcome(scene, executed(scene)).exit_code == 1
        assert (scene.schema, scene.lock_timeouts) == ("r1", 0)

    def test_a_downgrade_that_fails_needs_a_person(self) -> None:
        """With the runbook."""
        scene = STORIES["smoke-fails-contract"]()
        scene.fail_at["migrations.downgrade"] = RefusedError("migration-failed", "cannot drop")
        state = executed(scene)
        assert (state.ending["exit_code"], state.ending["hint"].split(",")[0]) == (6, "ops/RESTORE_RUNBOOK.md")


class TestBlockers:
    """A plan with a blocking finding."""

    BLOCK = Finding(rule="x", severity=Severity.BLOCK, message="no", hint="do this")

    def test_a_blocked_plan_is_a_no_go(self) -> None:
        """At the first step, with the finding's words."""
        scene = Scene()
        state = executed(scene, replace(planned(scene), findings=(self.BLOCK,)))
        assert (state.ending["exit_code"], state.ending["reason"], state.ending["hint"]) == (4, "no", "do this")

    def test_its_findings_are_in_the_journal(self) -> None:
        """All of them, also those that do not block."""
        scene = Scene()
        advice = replace(self.BLOCK, severity=Severity.ADVISE)
        state = executed(scene, replace(planned(scene), findings=(self.BLOCK, advice)))
        assert state.steps["preflight"].findings == (self.BLOCK, advice)

    def test_sql_that_would_hurt_stops_before_the_migration(self) -> None:
        """What the rules say counts."""
        scene = Scene(statements={"r2": "DROP TABLE thoughts"})
        state = executed(scene)
        assert (state.ending["exit_code"], state.ending["where"], changing(scene)) == (4, "migration-gate", [])


class TestBugs:
    """An error that nobody foresaw."""

    @pytest.mark.parametrize(("at", "code"), [("backups.take", 4), ("smoke.run", 1)])
    def test_it_is_a_failure_like_any_other(self, at: str, code: int) -> None:
        """A bug in a step does not leave a release half-way."""
        scene = Scene(fail_at={at: ValueError("boom")})
        assert outcome(scene, executed(scene)).exit_code == code

    def test_its_text_is_never_shown(self) -> None:
        """It may hold anything, a password too; only its kind is kept."""
        scene = Scene(fail_at={"smoke.run": ValueError("postgresql://u:hunter2@h/d")})
        state = executed(scene)
        assert "hunter2" not in json.dumps([dict(entry.data) for entry in scene.entries])
        assert state.ending["reason"] == "an unexpected ValueError stopped the step"

    def test_one_in_an_undoing_needs_a_person(self) -> None:
        """What is not proven back is not back."""
        scene = STORIES["smoke-fails-contract"]()
        scene.fail_at["migrations.downgrade"] = ValueError("boom")
        assert outcome(scene, executed(scene)).exit_code == 6


def test_an_error_is_written_down_as_its_form() -> None:
    """Reference, message, where, why, hint and code: the report shows each."""
    error = StepFailedError("made-up", "it broke", where="here", why="because", hint="do that")
    scene = Scene(fail_at={"backups.take": error})
    failure = executed(scene).steps["backup"].failure
    assert failure == journal.Failure(**codec.error_to_json(error))  # type: ignore[arg-type]  # all of it is text


def test_a_revert_that_failed_leads_the_hint() -> None:
    """What a person must do now is about what is not back."""
    scene = Scene(smoke=FAILED_SUITE, fail_at={f"platform.pin {API} {OLD}": NeedsPersonError("x", "y", hint="call bo")})
    assert executed(scene).ending["hint"] == "call bo"


def test_two_migrations_are_applied_in_order() -> None:
    """Oldest first, each once."""
    scene = Scene(pending=(revision("r2"), revision("r3")))
    executed(scene)
    assert [call for call in scene.done if call.startswith("migrations.")] == [
        "migrations.upgrade r2",
        "migrations.upgrade r3",
    ]


def changing_calls(story: str) -> list[str]:
    """Return the calls of a story that changed what users see."""
    scene = STORIES[story]()
    executed(scene)
    return changing(scene)
