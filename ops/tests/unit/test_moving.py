"""The schema moved alone: what is decided, what stands against it, what it costs, and how it ends."""

import json
from datetime import UTC, datetime

import pytest

from gonogo import bootstrap, facts, journal, lineage
from gonogo import plan as plan_room
from gonogo.errors import NoGoError, NothingToDoError, RefusedError, UsageError
from gonogo.model import (
    Census,
    Climb,
    Climbed,
    Filled,
    Finding,
    LockMode,
    Lost,
    Place,
    Plan,
    PlanKind,
    Session,
    Severity,
    Standing,
    Traced,
    Trial,
    WayBack,
)
from gonogo.testing import NEW, OLD, Scene, revision
from tests.unit import moves, rollbacks
from tests.unit.moves import ahead, applied, take_back, upgrade
from tests.unit.releases import CONFIG, executed, planned
from tests.unit.rollbacks import released

ZONE = "ALTER TABLE users ADD COLUMN zone text"
PLACE = Place(relation="public.users", column="zone")
DROP = "ALTER TABLE users DROP COLUMN age"
LOST = Lost(relation="public.users", column="age", values=7)
GONE = revision("r3", kind="contract", reversible=False)


def rules(plan: Plan, severity: Severity) -> list[str]:
    """Return the rules of a plan's findings of one severity."""
    return [each.rule for each in plan.findings if each.severity is severity]


class TestUpgrade:
    """Going up without a release."""

    def test_it_moves_the_schema_and_no_code(self) -> None:
        """Backup, gate, migration, proof, record; the platform is not asked for anything."""
        scene = ahead()
        state = executed(scene, upgrade(scene))
        assert (state.verdict, scene.schema, scene.serving, scene.working) == ("released", "r3", OLD, OLD)
        assert [call for call in scene.calls if call.startswith(("platform.", "smoke."))] == []
        assert list(state.steps) == [
            "preflight", "backup", "restore-check", "migration-gate", "migrate", "schema-check", "schema-record",
        ]  # fmt: skip
        assert "MIGRATED prod schema r1 -> r3 by operator@host" in scene.log[0]

    def test_it_needs_no_platform(self) -> None:
        """Whoever is on call has the database."""
        scene = ahead(down={"platform"})
        assert executed(scene, upgrade(scene)).verdict == "released"

    def test_it_stops_where_it_is_told_to(self) -> None:
        """The rest stays pending."""
        scene = ahead()
        state = executed(scene, upgrade(scene, "r2"))
        assert (scene.schema, [each.id for each in state.plan.pending]) == ("r2", ["r2"])

    @pytest.mark.parametrize(
        ("scene", "to", "error", "reference"),
        [
            (applied(), "", NothingToDoError, "nothing-to-do"),
            (applied(), "r2", UsageError, "not-ahead"),
            (ahead(), "r9", UsageError, "unknown-revision"),
            (ahead(schema="x9"), "", NoGoError, "schema-ahead"),
        ],
    )
    def test_where_it_cannot_go_is_said(self, scene: Scene, to: str, error: type[Exception], reference: str) -> None:
        """With the command that can."""
        with pytest.raises(error) as caught:
            upgrade(scene, to)
        assert getattr(caught.value, "reference", "") == reference
        assert scene.calls == []

    @pytest.mark.parametrize(
        ("standing", "rule"),
        [
            (moves.HALF_BUILT, "invalid-index"),
            (Standing(versions=("r1", "side")), "several-versions"),
            (Standing(objects=frozenset({"column public.users.zone"})), "half-applied"),
        ],
    )
    def test_what_is_half_done_stops_it(self, standing: Standing, rule: str) -> None:
        """Nothing is built on top of it."""
        scene = ahead(standing=standing, statements={"r2": ZONE})
        plan = upgrade(scene)
        assert rule in rules(plan, Severity.BLOCK)
        assert executed(scene, plan).verdict == "no_go"
        assert [call for call in scene.calls if call.startswith("migrations.")] == []

    def test_what_a_rule_blocks_is_not_applied(self) -> None:
        """The same gate as a release's."""
        scene = ahead(statements={"r2": "CREATE INDEX ix_age ON users (age)"})
        state = executed(scene, upgrade(scene))
        assert (state.verdict, scene.schema) == ("no_go", "r1")

    def test_who_is_in_the_way_is_named(self) -> None:
        """Before it waits."""
        holder = Session(
            pid=7,
            user="report",
            application="",
            state="active",
            age_s=9.0,
            holds=(("public.users", LockMode.ROW_SHARE),),
        )
        plan = upgrade(ahead(statements={"r2": ZONE}, standing=Standing(sessions=(holder,))))
        assert any("pid 7, report, active" in each.message for each in plan.findings if each.rule == "in-the-way")

    def test_an_index_left_invalid_fails_it(self) -> None:
        """What a failed build leaves behind `IF NOT EXISTS` is found, and the schema goes back."""
        scene = ahead()
        plan = upgrade(scene)
        scene.standing = moves.HALF_BUILT
        state = executed(scene, plan)
        assert (state.verdict, scene.schema) == ("rolled_back", "r1")
        assert state.failed_step is not None
        assert state.failed_step.failure is not None
        assert state.failed_step.failure.reference == "index-left-invalid"

    @pytest.mark.parametrize(("was_ready", "verdict"), [(True, "rolled_back"), (False, "released")])
    def test_code_that_was_ready_must_be_so_afterwards(self, was_ready: bool, verdict: str) -> None:
        """Where nothing was ready, the schema may be what it waits for."""
        scene = ahead(unready={} if was_ready else {OLD: "schema"})
        plan = upgrade(scene)
        scene.unready = {OLD: "column is missing"}
        assert executed(scene, plan).verdict == verdict


class TestRestorePoint:
    """Values that an upgrade takes away for good."""

    @pytest.mark.parametrize(
        ("with_backup", "is_proven", "severity"),
        [(True, False, None), (False, False, Severity.BLOCK), (False, True, Severity.ADVISE)],
    )
    def test_it_needs_a_proven_backup(self, with_backup: bool, is_proven: bool, severity: Severity | None) -> None:
        """Its own, or one of this schema that was restored a short while ago."""
        scene = ahead(pending=(GONE,), statements={"r3": DROP})
        if is_proven:
            executed(scene, upgrade(scene))
            scene.schema = "r1"
        plan = upgrade(scene, with_backup=with_backup)
        found = [each.severity for each in plan.findings if each.rule == "restore-point"]
        assert found == ([severity] if severity else [])
        assert ("backup" in [step.name for step in plan.steps]) == with_backup

    def test_an_old_one_does_not_count(self) -> None:
        """What was written since would be lost."""
        scene = ahead(pending=(GONE,), statements={"r3": DROP})
        executed(scene, upgrade(scene))
        scene.schema = "r1"
        scene.seconds += 3601
        assert rules(upgrade(scene, with_backup=False), Severity.BLOCK) == ["restore-point"]

    def test_one_whose_manifest_is_wrong_by_now_does_not_count(self) -> None:
        """It is no reason to end without a plan."""
        scene = ahead(pending=(GONE,), statements={"r3": DROP})
        executed(scene, upgrade(scene))
        scene.schema = "r1"
        scene.fail_at = {"backups.find": RefusedError("manifest-wrong", "files is missing")}
        assert rules(upgrade(scene, with_backup=False), Severity.BLOCK) == ["restore-point"]

    def test_where_nothing_is_lost_it_may_be_left_out(self) -> None:
        """And it is said."""
        plan = upgrade(ahead(), with_backup=False)
        assert (rules(plan, Severity.BLOCK), "restore-point" in rules(plan, Severity.ADVISE)) == ([], True)


class TestDowngrade:
    """Going back without a rollback."""

    def test_it_goes_back_to_where_it_is_told(self) -> None:
        """With a proven backup of what was there."""
        scene = applied()
        state = executed(scene, take_back(scene, "r2"))
        assert (state.verdict, scene.schema, scene.serving) == ("released", "r2", OLD)
        assert "DOWNGRADED prod schema r3 -> r2" in scene.log[0]
        assert scene.backups[state.plan.release_id].schema_revision == "r3"

    @pytest.mark.parametrize(
        ("scene", "to", "error", "reference"),
        [
            (ahead(), "r1", NothingToDoError, "nothing-to-do"),
            (ahead(), "r3", UsageError, "not-behind"),
            (applied(), "zzz", UsageError, "unknown-revision"),
            (applied(schema="x9"), "r1", NoGoError, "schema-ahead"),
        ],
    )
    def test_where_it_cannot_go_is_said(self, scene: Scene, to: str, error: type[Exception], reference: str) -> None:
        """With the command that can."""
        with pytest.raises(error) as caught:
            take_back(scene, to)
        assert getattr(caught.value, "reference", "") == reference

    @pytest.mark.parametrize(
        ("changes", "verdict", "words"),
        [
            ({}, WayBack.SAFE, "Nothing is lost"),
            (
                {"pending": (revision("r2"), GONE)},
                WayBack.IMPOSSIBLE,
                "R3 does not declare that its downgrade may be run",
            ),
            (
                {
                    "statements": {"r2": ZONE},
                    "census": Census(filled=(Filled(place=PLACE, values=12),)),
                },
                WayBack.SAFE_WITH_LOSS,
                "Taking r2 back loses 12 values of users.zone",
            ),
            (
                {"statements": {"r2": ZONE}, "census": Census(filled=(Filled(place=PLACE, values=0),))},
                WayBack.SAFE,
                "Nothing is lost",
            ),
            ({"statements": {"r2": "ALTER TYPE plan ADD VALUE 'team'"}}, WayBack.SAFE_WITH_LOSS, "cannot take it out"),
            ({"statements": {"r3": DROP}}, WayBack.SAFE_WITH_LOSS, "comes back empty: users.age"),
        ],
    )
    def test_what_it_costs_is_counted(self, changes: dict[str, object], verdict: WayBack, words: str) -> None:
        """In the target, before it begins."""
        forecast = take_back(applied(**changes)).forecast
        assert forecast is not None
        assert (forecast.verdict, words in " ".join(forecast.reasons)) == (verdict, True), forecast
        assert ("invoke migrate.new" in forecast.instead) == (verdict is WayBack.IMPOSSIBLE)

    @pytest.mark.parametrize(
        ("stair", "words"),
        [
            (
                Climbed(revision="r2", climb=Climb.OK, lost_down=(LOST,)),
                "Taking r2 back took 7 values of users.age away on a copy",
            ),
            (
                Climbed(revision="r2", climb=Climb.LEAVES_TRACES, differences=("left over: enum public.mood: glad",)),
                "left traces on a copy: left over: enum public.mood: glad",
            ),
        ],
    )
    def test_what_a_copy_has_shown_is_held_against_it(self, stair: Climbed, words: str) -> None:
        """Whatever its words say."""
        scene = ahead()
        traced = tuple(Traced(revision=each, seconds=0.1) for each in ("r2", "r3"))
        scene.trial = Trial(
            at=datetime(2026, 1, 1, tzinfo=UTC), backup="", server_version="18.4", database_bytes=1, traced=traced,
            climbed=(Climbed(revision="r3", climb=Climb.OK), stair),
        )  # fmt: skip
        assert executed(scene, upgrade(scene)).trial == scene.trial
        scene.schema = "r3"  # applied all the same, by somebody else
        forecast = take_back(scene).forecast
        assert forecast is not None
        assert (forecast.verdict, words in " ".join(forecast.reasons)) == (WayBack.SAFE_WITH_LOSS, True), forecast

    def test_the_schema_is_not_taken_from_under_the_code_that_serves(self) -> None:
        """That is what a rollback is for."""
        scene = moves.serving_new()
        plan = take_back(scene)
        assert rules(plan, Severity.BLOCK) == ["running-code-needs-it"]
        assert executed(scene, plan).verdict == "no_go"
        assert scene.schema == "r3"

    def test_code_that_is_not_ready_on_the_earlier_schema_brings_it_back(self) -> None:
        """What was lost stays lost."""
        scene = applied()
        plan = take_back(scene)
        scene.unready = {OLD: "column is missing"}
        assert (executed(scene, plan).verdict, scene.schema) == ("rolled_back", "r3")


class TestLeftHalfWay:
    """A move that nobody ended."""

    def test_it_is_found_again_by_its_kind(self) -> None:
        """And stands in the way of everything else."""
        scene = ahead(die_at=("migrations.upgrade", 2))
        with pytest.raises(BaseException, match=r"migrations\.upgrade"):
            executed(scene, upgrade(scene))
        begun = bootstrap.begun(CONFIG, scene.world(), PlanKind.MIGRATION)
        assert begun is not None
        assert (begun.target_revision, bootstrap.begun(CONFIG, scene.world(), PlanKind.DOWNGRADE)) == ("r3", None)
        with pytest.raises(Exception, match=r"migration .* to r3 was left half-way"):
            bootstrap.refuse_unfinished(CONFIG, scene.world())
        assert (executed(scene, begun).verdict, scene.schema) == ("released", "r3")


class TestBesideReleases:
    """Moves of the schema stand in the same ledger, and bring no version."""

    def test_a_rollback_looks_past_them(self) -> None:
        """They are no version to go back to, whatever commit they were made from."""
        scene = released()
        scene.seconds += 60
        scene.pending = (*scene.pending, revision("r3"))
        executed(scene, upgrade(scene))
        scene.seconds += 60
        plan = rollbacks.returning(scene)
        assert (plan.target_commit, [each.id for each in plan.pending]) == (OLD, ["r2", "r3"])

    def test_the_backup_from_before_is_the_moves_own(self) -> None:
        """Where the migration was applied alone, its backup is what a restore takes."""
        scene = ahead(pending=(GONE,))
        move = executed(scene, upgrade(scene)).plan
        scene.seconds += 60
        executed(scene, planned(scene))
        states = [journal.replay(scene.world().ledger.read(each)) for each in scene.world().ledger.releases("prod")]
        assert lineage.goal(states, environment="prod", serving=NEW).dumps == {"r3": move.release_id}

    def test_how_the_last_release_left_things_is_still_known(self) -> None:
        """A move says nothing of settings."""
        scene = released()
        before = facts.last_snapshot(scene.world().ledger, "prod")
        scene.seconds += 60
        scene.pending = (*scene.pending, revision("r3"))
        executed(scene, upgrade(scene))
        assert before is not None
        assert facts.last_snapshot(scene.world().ledger, "prod") == before

    def test_what_was_accepted_is_journalled(self) -> None:
        """With who said it."""
        scene = applied(statements={"r3": DROP})
        plan = plan_room.accepted(take_back(scene), who="ada", reason="")
        assert "ada accepted the loss" in json.dumps([each.message for each in plan.findings])
        assert isinstance(plan.findings[-1], Finding)
