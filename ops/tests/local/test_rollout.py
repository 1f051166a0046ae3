"""What a deployment does, in which order, and what it leaves when it fails."""

from pathlib import Path

import pytest

from gonogo.local.coolify.records import Application, Look, Switched
from tests.local.scripted import NEW, OLD, Platform, platform, settle

STARTING = Look(state="running", health="starting")
UNHEALTHY = Look(state="running", health="unhealthy")


async def released(coolify: Platform, app: Application, commit: str) -> str:
    """Deploy a commit and let it end; return the deployment."""
    coolify.change(app, git_commit_sha=commit)
    line = await coolify.deploy(app)
    await settle()
    await coolify.clock.move(10)
    return str(line["deployment_uuid"])


async def test_the_new_one_starts_beside_the_old_one(coolify: Platform) -> None:
    """Both run until the new one is healthy; then the old one is stopped with the default grace."""
    await released(coolify, coolify.api, OLD)
    coolify.change(coolify.api, git_commit_sha=NEW)
    await coolify.deploy(coolify.api)
    await settle()
    assert coolify.fleet.commits() == [OLD, NEW]
    await coolify.clock.move(10)
    assert coolify.fleet.commits() == [NEW]
    assert coolify.fleet.stopped[-1][1] == 30


async def test_finished_comes_before_the_end(coolify: Platform) -> None:
    """The row is `finished` first; `finished_at` follows when the job has really ended."""
    line = await coolify.deploy(coolify.worker)
    await settle()
    row = coolify.row(line["deployment_uuid"])
    assert (row.status, row.finished_at) == ("finished", None)
    await coolify.clock.move(1)
    assert coolify.row(line["deployment_uuid"]).finished_at


async def test_head_is_replaced_by_the_commit(coolify: Platform) -> None:
    """A git build writes the resolved commit into its row."""
    assert coolify.row(await released(coolify, coolify.api, "HEAD")).commit == NEW


async def test_unhealthy_leaves_the_old_one_serving(coolify: Platform) -> None:
    """The row fails, the new container goes, its last lines are kept, the old one is not touched."""
    await released(coolify, coolify.api, OLD)
    coolify.fleet.next_look = UNHEALTHY
    row = coolify.row(await released(coolify, coolify.api, NEW))
    assert (row.status, coolify.fleet.commits()) == ("failed", [OLD])
    assert row.finished_at
    assert "last 100 lines" in str(row.logs)


async def test_never_healthy_is_unhealthy(coolify: Platform) -> None:
    """Still starting after the last look counts as failed: start period plus retries times interval."""
    coolify.fleet.next_look = STARTING
    line = await coolify.deploy(coolify.api)
    await settle()
    await coolify.clock.move(4)
    assert coolify.row(line["deployment_uuid"]).status == "in_progress"
    await coolify.clock.move(2)
    assert coolify.row(line["deployment_uuid"]).status == "failed"


async def test_without_a_probe_a_crash_loop_is_finished(coolify: Platform) -> None:
    """Nobody looks at a container that is not probed."""
    coolify.fleet.next_look = Look(state="restarting", health="none", restarts=3)
    assert coolify.row(await released(coolify, coolify.worker, NEW)).status == "finished"


async def test_a_failed_build_touches_nothing(coolify: Platform) -> None:
    """The old container keeps running."""
    await released(coolify, coolify.api, OLD)
    coolify.builder.failing.add(NEW)
    row = coolify.row(await released(coolify, coolify.api, NEW))
    assert (row.status, coolify.fleet.commits()) == ("failed", [OLD])


async def test_stop_first_stops_first_and_waits_for_nothing(coolify: Platform) -> None:
    """A port mapping turns the order round, and the health wait off."""
    coolify.change(coolify.api, ports_mappings="80:80")
    await released(coolify, coolify.api, OLD)
    coolify.fleet.next_look = UNHEALTHY
    row = coolify.row(await released(coolify, coolify.api, NEW))
    assert (row.status, coolify.fleet.commits()) == ("finished", [NEW])


async def test_cancel_in_the_health_wait_leaves_two_running(coolify: Platform) -> None:
    """The job stops without cleaning up; the next good deployment removes the stray."""
    await released(coolify, coolify.api, OLD)
    coolify.change(coolify.api, git_commit_sha=NEW)
    line = await coolify.deploy(coolify.api)
    await settle()
    answer = await coolify.call("POST", f"/deployments/{line['deployment_uuid']}/cancel")
    await coolify.clock.move(10)
    assert answer.json()["status"] == coolify.row(line["deployment_uuid"]).status == "cancelled-by-user"
    assert coolify.fleet.commits() == [OLD, NEW]
    await released(coolify, coolify.api, NEW)
    assert len(coolify.fleet.running) == 1


async def test_what_has_ended_cannot_be_cancelled(coolify: Platform) -> None:
    """The refusal names the state."""
    uuid = await released(coolify, coolify.api, OLD)
    answer = await coolify.call("POST", f"/deployments/{uuid}/cancel")
    assert (answer.status_code, answer.json()["message"]) == (
        400,
        "Deployment cannot be cancelled. Current status: finished",
    )


async def test_the_next_one_starts_when_one_has_ended(coolify: Platform) -> None:
    """Queued rows of an application run one after the other."""
    lines = [await coolify.deploy(coolify.api, force=True) for _ in range(2)]
    await settle()
    await coolify.clock.move(20)
    assert [coolify.row(line["deployment_uuid"]).status for line in lines] == ["finished", "finished"]


async def test_rollback_builds_the_commit_that_is_named(coolify: Platform) -> None:
    """A built application goes back to the commit, and its own commit setting stays."""
    await released(coolify, coolify.worker, NEW)
    answer = await coolify.call("POST", f"/applications/{coolify.worker.uuid}/rollback", {"commit": OLD})
    await settle()
    assert answer.json()["message"] == "Rollback deployment queued."
    assert coolify.fleet.commits() == [OLD]


async def test_variables_reach_the_next_container_only(coolify: Platform) -> None:
    """What runs keeps what it was started with; user variables win over injected ones."""
    path = f"/applications/{coolify.worker.uuid}/envs"
    await released(coolify, coolify.worker, OLD)
    await coolify.call("POST", path, {"key": "SOURCE_COMMIT", "value": "mine"})
    (old,) = coolify.fleet.running.values()
    await released(coolify, coolify.worker, NEW)
    (new,) = coolify.fleet.running.values()
    assert (old.environment["SOURCE_COMMIT"], new.environment["SOURCE_COMMIT"]) == (OLD, "mine")


async def test_right_after_the_swap_the_status_says_unhealthy(coolify: Platform) -> None:
    """The cache shows `running:unhealthy` until somebody looks again."""
    await coolify.deploy(coolify.api)
    await settle()
    await coolify.clock.move(2)
    answer = await coolify.call("GET", f"/applications/{coolify.api.uuid}")
    assert answer.json()["status"] == "running:unhealthy"
    coolify.parts.board.refresh()
    answer = await coolify.call("GET", f"/applications/{coolify.api.uuid}")
    assert answer.json()["status"] == "running:healthy"


async def test_a_fault_hits_its_commit_only(coolify: Platform) -> None:
    """The stale image: asked for the new commit, the old one is built; the way back is not hit."""
    coolify.store.switch((Switched(name="api-wrong-version", commit=NEW, armed_at=0.0),))
    await released(coolify, coolify.api, OLD)
    row = coolify.row(await released(coolify, coolify.api, NEW))
    (container,) = coolify.fleet.running.values()
    assert (row.status, row.commit) == ("finished", NEW)
    assert (container.commit, container.environment["SOURCE_COMMIT"]) == (OLD, NEW)


async def test_an_unknown_fault_is_told(coolify: Platform) -> None:
    """Nothing is switched on when one name is wrong."""
    body = {"faults": [{"name": "nothing", "commit": NEW}]}
    answer = await coolify.client("control-token").post("/__standin__/faults", json=body)
    assert answer.json() == {"unknown": ["nothing"]}
    assert coolify.store.faults == ()


async def test_a_restart_brings_everything_back(tmp_path: Path) -> None:
    """Applications, variables and containers are there again; what was in progress has failed, its end unknown."""
    before = platform(tmp_path / "coolify.json")
    await released(before, before.worker, OLD)
    running = (await before.deploy(before.api))["deployment_uuid"]
    await settle()
    await before.close()
    after = platform(tmp_path / "coolify.json")
    after.parts.revive()
    assert (after.row(running).status, after.row(running).finished_at) == ("failed", None)
    assert {container.app for container in after.fleet.running.values()} == {before.worker.uuid, before.api.uuid}
    await after.close()


@pytest.mark.parametrize("version", ["4.0.0-beta.470", "4.3.11"])
async def test_what_is_private_stays_private(tmp_path: Path, version: str) -> None:
    """The saved tables hold variables, and no token."""
    path = tmp_path / "coolify.json"
    coolify = platform(path, version=version)
    coolify.store.save()
    assert path.stat().st_mode & 0o077 == 0
    assert coolify.token.partition("|")[2] not in path.read_text()
