"""A release decided: which steps, what the checks say, which way back."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gonogo import checks, plan, retreat, steps
from gonogo.errors import NothingToDoError
from gonogo.model import Facts, Finding, Plan, Revision, Severity, WayBack, WorkerBeat
from gonogo.testing import NEW, OLD, Scene, revision
from tests.unit.releases import CONFIG, observed, planned, refusing

EXPAND, FIXED = revision("expand"), revision("fixed", reversible=False)
CONTRACT, ONE_WAY = revision("contract", kind="contract"), revision("one-way", kind="contract", reversible=False)
DATA = revision("data", kind="data", reversible=False)
FOUND = Finding(rule="x", severity=Severity.BLOCK, message="no")


def _built(facts: Facts) -> Plan:
    """Return the plan of some facts."""
    return plan.build(CONFIG, facts, checks=checks.ALL, steps=steps.ALL)


class TestBuild:
    """build."""

    def test_every_step_is_planned_with_its_intent(self) -> None:
        """In the order of steps.ALL."""
        decided = planned(Scene())
        assert [step.name for step in decided.steps] == [step.name for step in steps.ALL]
        assert all(step.intent for step in decided.steps)

    def test_it_goes_from_what_serves_to_the_target(self) -> None:
        """Versions are people's words for commits."""
        decided = planned(Scene())
        assert (decided.previous_commit, decided.target_commit) == (OLD, NEW)
        assert (decided.previous_version, decided.target_version) == (OLD[:12], NEW[:12])

    def test_pending_are_the_migrations_after_the_database_s_revision(self) -> None:
        """Oldest first."""
        decided = planned(Scene(pending=(revision("r2"), revision("r3"))))
        assert [each.id for each in decided.pending] == ["r2", "r3"]
        assert (decided.start_revision, decided.target_revision) == ("r1", "r3")

    def test_an_empty_database_gets_all_of_them(self) -> None:
        """From nothing to the head."""
        assert [each.id for each in planned(Scene(schema=None)).pending] == ["r1", "r2"]

    def test_a_revision_that_the_target_does_not_have_leaves_nothing_pending(self) -> None:
        """A check blocks it; the plan can still be shown."""
        decided = planned(Scene(schema="r9"))
        assert decided.pending == ()
        assert "history-is-sound" in {finding.rule for finding in plan.blockers(decided)}

    def test_every_check_is_asked(self) -> None:
        """All findings at once, none only after another is mended."""
        facts = refusing(Scene(), git__lock_is_current=False, git__unpushed=True, disk_free_bytes=0)
        assert {each.rule for each in plan.blockers(_built(facts))} == {
            "ci-matches-production",
            "commit-is-pushed",
            "disk-has-room",
        }

    def test_only_blocking_findings_are_blockers(self) -> None:
        """Advice does not stop a release."""
        advice = replace(FOUND, severity=Severity.ADVISE)
        assert plan.blockers(replace(planned(Scene()), findings=(FOUND, advice))) == (FOUND,)

    def test_a_healthy_world_has_no_blockers(self) -> None:
        """The in-memory world is one."""
        assert plan.blockers(planned(Scene())) == ()

    def test_a_release_s_id_sorts_by_time_and_names_the_commit(self) -> None:
        """To the millisecond."""
        facts = replace(observed(), at=datetime(2026, 2, 3, 4, 5, 6, 7000, tzinfo=UTC), target_commit="abcdef0" * 5)
        assert _built(facts).release_id == "20260203T040506007-abcdef0"

    def test_a_history_without_a_head_is_planned_and_blocked(self) -> None:
        """Every problem is told, also this one."""
        facts = refusing(Scene(), history__heads=())
        assert (_built(facts).target_revision, len(plan.blockers(_built(facts)))) == ("", 1)


class TestForecast:
    """What going back from the release would cost, said before it begins."""

    @pytest.mark.parametrize(
        ("pending", "verdict"),
        [
            ((), WayBack.SAFE),
            ((EXPAND,), WayBack.SAFE),
            ((CONTRACT,), WayBack.SAFE_WITH_LOSS),
            ((ONE_WAY,), WayBack.IMPOSSIBLE),
            ((revision("silent", kind="unknown"),), WayBack.UNKNOWN),
        ],
    )
    def test_it_follows_from_what_is_pending(self, pending: tuple[Revision, ...], verdict: WayBack) -> None:
        """With the reasons."""
        forecast = planned(Scene(pending=pending)).forecast
        assert forecast is not None
        assert (forecast.verdict, len(forecast.reasons)) == (verdict, 1)

    def test_a_version_that_is_gone_cannot_be_gone_back_to(self) -> None:
        """The backup that the release will take is named."""
        decided = _built(refusing(Scene(), gone=("the commit is gone",)))
        assert decided.forecast is not None
        assert (decided.forecast.verdict, decided.forecast.reasons[0]) == (WayBack.IMPOSSIBLE, "The commit is gone.")
        assert f"restore.run --env prod --name {decided.release_id} --into" in decided.forecast.instead


class TestNothingToDo:
    """A target that is served already."""

    def test_it_is_said_with_the_version(self) -> None:
        """Exit code 3, and how to look."""
        with pytest.raises(NothingToDoError, match=f"prod already serves {NEW[:12]}") as caught:
            planned(Scene(serving=NEW, working=NEW, schema="r2"))
        assert (caught.value.exit_code, caught.value.hint) == (3, "invoke health.check --env prod")

    @pytest.mark.parametrize(
        "scene",
        [
            Scene(serving=OLD, working=NEW, schema="r2"),
            Scene(serving=NEW, working=OLD, schema="r2"),
            Scene(serving=NEW, working=None, schema="r2"),
            Scene(serving=NEW, working=NEW, schema="r1"),
            Scene(serving=NEW, working=NEW, schema="r2", unready={NEW: "redis: refused"}),
        ],
        ids=["api", "worker", "no-worker", "schema", "unready"],
    )
    def test_there_is_something_to_do_while_one_part_is_behind(self, scene: Scene) -> None:
        """API, worker, schema and health: all four."""
        assert planned(scene).target_commit == NEW

    @pytest.mark.parametrize("beat", [("running", 16.0), ("stopped", 0.1)])
    def test_a_dead_worker_is_no_worker(self, beat: tuple[str, float]) -> None:
        """An old beat, or a last one."""
        beats = (WorkerBeat(id="w", commit=NEW, state=beat[0], age_s=beat[1]),)
        assert planned(Scene(serving=NEW, schema="r2", beats=beats)).pending == ()


class TestWayBack:
    """What a plan says of its way back."""

    @pytest.mark.parametrize(
        ("pending", "words"),
        [
            ((), "the schema does not change"),
            ((EXPAND,), "the new schema stays"),
            ((FIXED,), "the new schema stays"),
            ((EXPAND, FIXED), "the new schema stays"),
            ((CONTRACT,), "then downgrade the schema"),
            ((EXPAND, CONTRACT), "then downgrade the schema"),
            ((ONE_WAY,), "no way back once one-way is applied"),
            ((DATA,), "no way back once data is applied"),
            ((EXPAND, ONE_WAY), "no way back once one-way is applied"),
            ((ONE_WAY, EXPAND), "no way back once one-way is applied"),
            ((FIXED, CONTRACT), "no way back once contract is applied"),
            ((CONTRACT, FIXED), "no way back once fixed is applied"),
        ],
    )
    def test_it_follows_from_what_is_pending(self, pending: tuple[Revision, ...], words: str) -> None:
        """Old code survives all of it, or all of it can be taken back, or it ends where neither holds any more."""
        assert words in retreat.way_back(pending)
