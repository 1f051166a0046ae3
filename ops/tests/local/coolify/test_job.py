"""What a deployment's job does around the swap: commands, retries, logs, and a machine that is away."""

from typing import Any

import pytest

from gonogo.local.coolify.ports import Executed
from gonogo.local.coolify.records import Application, Deployment, Look
from tests.local.scripted import NEW, OLD, Platform, settle


async def _deployed(coolify: Platform, app: Application, commit: str, seconds: float = 12) -> Deployment:
    """Deploy a commit, let time pass, and return the row."""
    coolify.change(app, git_commit_sha=commit)
    line = await coolify.deploy(app)
    await coolify.clock.move(seconds)
    return coolify.row(line["deployment_uuid"])


async def test_the_pre_command_runs_in_the_old_container_and_its_failure_changes_nothing(coolify: Platform) -> None:
    """Its output is a hidden entry of the log."""
    await _deployed(coolify, coolify.api, OLD)
    (old,) = coolify.fleet.running
    coolify.change(coolify.api, pre_deployment_command="migrate")
    coolify.fleet.outcome = Executed(code=1, output="no such column")
    row = await _deployed(coolify, coolify.api, NEW)
    assert (row.status, coolify.fleet.commits(), coolify.fleet.executed) == ("failed", [OLD], [(old, "migrate")])
    assert [line["hidden"] for line in row.logs if line["command"] == "migrate"] == [True]


async def test_without_a_container_the_pre_command_is_skipped(coolify: Platform) -> None:
    """A line in the log, and on it goes."""
    coolify.change(coolify.api, pre_deployment_command="migrate")
    row = await _deployed(coolify, coolify.api, OLD)
    assert (row.status, coolify.fleet.executed) == ("finished", [])
    assert "Could not find a container" in str(row.logs)


async def test_a_command_that_seems_to_lose_its_connection_is_run_again(coolify: Platform) -> None:
    """Three times in all, whatever it may have done."""
    await _deployed(coolify, coolify.api, OLD)
    coolify.change(coolify.api, pre_deployment_command="migrate")
    coolify.fleet.outcome = Executed(code=1, output="psycopg: Connection refused")
    row = await _deployed(coolify, coolify.api, NEW)
    assert (row.status, len(coolify.fleet.executed)) == ("failed", 3)


async def test_the_post_command_runs_in_the_new_container_after_finished_and_its_failure_is_ignored(
    coolify: Platform,
) -> None:
    """Only a log line tells."""
    coolify.change(coolify.worker, post_deployment_command="warm-up")
    coolify.fleet.outcome = Executed(code=1, output="no cache")
    row = await _deployed(coolify, coolify.worker, NEW)
    (new,) = coolify.fleet.running
    assert (row.status, row.finished_at is None, coolify.fleet.executed) == ("finished", False, [(new, "warm-up")])
    assert "no cache" in str(row.logs)


async def test_after_an_unhealthy_swap_the_post_command_runs_in_the_old_container(coolify: Platform) -> None:
    """The deployment has failed, and it is run nevertheless."""
    await _deployed(coolify, coolify.api, OLD)
    (old,) = coolify.fleet.running
    coolify.change(coolify.api, post_deployment_command="warm-up")
    coolify.fleet.next_look = Look(state="running", health="unhealthy")
    row = await _deployed(coolify, coolify.api, NEW)
    assert (row.status, coolify.fleet.executed) == ("failed", [(old, "warm-up")])


async def test_a_machine_that_is_away_fails_the_deployment_with_one_line_and_no_end(coolify: Platform) -> None:
    """And the application says that its server is not there."""
    coolify.store.set_up({"reachable": False})
    row = await _deployed(coolify, coolify.api, NEW)
    assert (row.status, row.finished_at, len(row.logs)) == ("failed", None, 1)
    assert (await coolify.call("GET", f"/applications/{coolify.api.uuid}")).json()["server_status"] is False


async def test_a_probe_without_a_port_fails_and_the_old_one_is_kept(coolify: Platform) -> None:
    """A worker's probe has to be a command, or off."""
    await _deployed(coolify, coolify.worker, OLD)
    coolify.change(coolify.worker, health_check_enabled=True)
    row = await _deployed(coolify, coolify.worker, NEW, 60)
    assert (row.status, coolify.fleet.commits()) == ("failed", [OLD])
    coolify.change(coolify.worker, health_check_type="cmd", health_check_command="true")
    assert (await _deployed(coolify, coolify.worker, NEW, 60)).status == "finished"


async def test_locked_values_are_masked_in_logs(coolify: Platform) -> None:
    """Others are not."""
    path = f"/applications/{coolify.worker.uuid}/envs"
    await coolify.call("POST", path, {"key": "A", "value": "locked-value", "is_shown_once": True})
    await coolify.call("POST", path, {"key": "B", "value": "open-value"})
    coolify.change(coolify.worker, post_deployment_command="show")
    coolify.fleet.outcome = Executed(code=0, output="locked-value open-value")
    row = await _deployed(coolify, coolify.worker, NEW)
    assert "<REDACTED> open-value" in str(row.logs)
    assert "locked-value" not in str(row.logs)


async def test_a_job_that_nobody_has_taken_up_shows_no_worker_and_no_log(coolify: Platform) -> None:
    """In progress, and nothing happens."""
    coolify.parts.switchboard.on({"name": "job-stalls"})
    line = await coolify.deploy(coolify.api)
    await coolify.clock.move(600)
    row = (await coolify.call("GET", f"/deployments/{line['deployment_uuid']}")).json()
    assert (row["status"], row["horizon_job_id"], row["logs"]) == ("in_progress", None, None)


async def test_the_first_entry_of_a_log_has_no_place(coolify: Platform) -> None:
    """The others count on."""
    row = await _deployed(coolify, coolify.worker, NEW)
    assert [line.get("order") for line in row.logs][:3] == [None, 2, 3]


@pytest.mark.parametrize(
    ("columns", "rolls"),
    [
        ({"build_pack": "dockercompose"}, False),
        ({"custom_docker_run_options": "--ip 10.0.0.1"}, False),
        ({"custom_docker_run_options": "--memory 1g"}, True),
    ],
)
async def test_what_stops_first(coolify: Platform, columns: dict[str, Any], rolls: bool) -> None:
    """While the new one is not healthy yet, the old one is there or gone."""
    await _deployed(coolify, coolify.api, OLD)
    coolify.change(coolify.api, **columns)
    coolify.change(coolify.api, git_commit_sha=NEW)
    await coolify.deploy(coolify.api)
    await settle()
    assert coolify.fleet.commits() == ([OLD, NEW] if rolls else [NEW])


async def test_domains_of_others_are_a_conflict_unless_forced(coolify: Platform) -> None:
    """409 names whose they are."""
    path = f"/applications/{coolify.worker.uuid}"
    answer = await coolify.call("PATCH", path, {"domains": "http://127.0.0.1:1"})
    assert (answer.status_code, answer.json()["conflicts"][0]["resource_name"]) == (409, "api")
    forced = await coolify.call("PATCH", path, {"domains": "http://127.0.0.1:1", "force_domain_override": True})
    assert forced.status_code == 200
