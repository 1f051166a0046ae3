"""What a restore decides, and that nothing of it goes over what is there."""

from dataclasses import replace

import pytest

from gonogo import bootstrap, codec
from gonogo import plan as plan_room
from gonogo.errors import UsageError
from gonogo.model import Plan, PlanKind, Restoring
from gonogo.testing import OLD, Scene
from tests.unit import restores
from tests.unit.releases import CONFIG, executed
from tests.unit.restores import BACKUP, INTO, SERVED


def names(plan: Plan) -> list[str]:
    """Return a plan's steps."""
    return [step.name for step in plan.steps]


def blocked(plan: Plan) -> str:
    """Return what stands against a plan."""
    return "; ".join(f"{each.message} {each.hint}" for each in plan_room.blockers(plan))


def test_a_restore_alone_leaves_what_is_served_alone() -> None:
    """No dump, no switch: another database is there, and that is all."""
    scene = restores.backed_up()
    plan = restores.restore(scene)
    state = executed(scene, plan)
    assert names(plan) == ["lock", "restore-into", "restore-record"]
    assert (state.verdict.value, scene.databases[SERVED], scene.databases[INTO]) == (
        "released",
        "",
        f"restored {plan.release_id}",
    )


def test_a_switch_keeps_the_database_before_and_dumps_it_first() -> None:
    """The way back is one command, and it is in the evidence."""
    scene = restores.backed_up()
    plan = restores.restore(scene, switch=True)
    state = executed(scene, plan)
    former = plan.restoring.former if plan.restoring else ""
    assert names(plan) == ["lock", "restore-into", "backup", "switch", "restore-record"]
    assert scene.databases == {SERVED: f"served {plan.release_id}", former: "former"}
    assert state.steps["switch"].evidence["way back"] == f"invoke restore.switch --env prod --into {former}"
    assert list(scene.backups) == [BACKUP, plan.release_id]


def test_an_older_schema_is_brought_up_before_it_is_served() -> None:
    """With the migrations of what serves, while nobody waits for it."""
    scene = restores.newer()
    plan = restores.restore(scene, switch=True)
    executed(scene, plan)
    at = [call.split()[0] for call in scene.calls if call.startswith(("restores.migrate", "restores.switch"))]
    assert (names(plan)[2], at, scene.raised[plan.release_id]) == (
        "bring-up",
        ["restores.migrate", "restores.switch"],
        "r2",
    )


def test_a_schema_that_what_serves_does_not_know_blocks_with_both_ways_out() -> None:
    """Roll the code back, or say why it is right all the same."""
    plan = restores.restore(restores.backed_up(at="r9"), switch=True)
    assert "deploy.rollback" in blocked(plan)
    assert "--keep-schema" in blocked(plan)


def test_a_schema_that_is_kept_is_switched_to_although_nothing_is_ready_on_it() -> None:
    """Who restores after a migration that destroyed data deploys the version before next."""
    scene = restores.backed_up(at="r9", unready={OLD: "newer schema"})
    plan = restores.restore(scene, switch=True, keep_schema="the version before comes next")
    state = executed(scene, plan)
    assert (state.verdict.value, state.steps["switch"].evidence["API"]) == ("released", "not ready: newer schema")


def test_what_is_not_ready_afterwards_is_switched_back() -> None:
    """What was served is served again; the restored database is kept for whoever looks into it."""
    scene = restores.backed_up(unready={OLD: "no table"})
    plan = restores.restore(scene, switch=True)
    state = executed(scene, plan)
    assert state.verdict.value == "rolled_back"
    assert scene.databases == {SERVED: "returned", INTO: f"restored {plan.release_id}"}


def test_what_cannot_be_read_is_not_dumped_unless_somebody_says_why() -> None:
    """It is kept in any case."""
    scene = restores.backed_up(down={"database"})
    assert "--without-backup" in blocked(_planned_without_server(scene, ""))
    accepted = _planned_without_server(scene, "its disk is damaged")
    assert (blocked(accepted), "backup" in names(accepted)) == ("", False)
    assert any("its disk is damaged" in each.message for each in accepted.findings)


def _planned_without_server(scene: Scene, reason: str) -> Plan:
    wanted = bootstrap.Wanted(into=INTO, name=BACKUP, switch=True, without_backup=reason)
    return bootstrap.restore(CONFIG, scene.world(), None, wanted)


@pytest.mark.parametrize(
    ("wanted", "reference"),
    [
        (bootstrap.Wanted(into="Name with spaces", name=BACKUP), "database-name-wrong"),
        (bootstrap.Wanted(into="gonogo_restoring_x", name=BACKUP), "database-name-wrong"),
        (bootstrap.Wanted(into=SERVED, name=BACKUP, switch=True), "database-is-served"),
        (bootstrap.Wanted(into=SERVED, switch=True, is_alone=True), "database-is-served"),
        (bootstrap.Wanted(into=INTO), "which-backup"),
        (bootstrap.Wanted(into=INTO, name=BACKUP, offsite=True), "which-backup"),
        (bootstrap.Wanted(into=INTO, offsite=True), "no-offsite"),
        (bootstrap.Wanted(into=INTO, name="b9"), "unknown-backup"),
    ],
)
def test_words_that_do_not_fit_are_refused(wanted: bootstrap.Wanted, reference: str) -> None:
    """Before anything is looked at."""
    with pytest.raises(UsageError) as caught:
        bootstrap.restore(CONFIG, restores.backed_up().world(), None, wanted)
    assert caught.value.reference == reference


def test_what_stands_against_it_on_the_server_blocks() -> None:
    """All of it at once."""
    plan = restores.restore(restores.backed_up(obstacles=("the name is taken", "no right")))
    assert "the name is taken" in blocked(plan)
    assert "no right" in blocked(plan)


def test_a_restore_is_the_same_tomorrow() -> None:
    """Its plan comes back from the journal whole; one from before there were restores has none."""
    plan = restores.restore(restores.backed_up(), switch=True)
    told = codec.plan_to_json(plan)
    assert codec.plan_from_json(told) == plan
    del told["restoring"]
    assert codec.plan_from_json(told) == replace(plan, restoring=None)
    assert isinstance(plan.restoring, Restoring)
    assert plan.kind is PlanKind.RESTORE
