"""Scheduled tasks: run once, in the one container that there is; and the webhook that tells of it."""

from typing import Any

from gonogo.local.coolify.ports import Executed
from tests.local.scripted import NEW, Platform, settle

_TASK = {"name": "sweep", "command": "echo done", "frequency": "daily"}


async def _made(coolify: Platform, **more: Any) -> str:
    """Return the path of a new task of the worker."""
    path = f"/applications/{coolify.worker.uuid}/scheduled-tasks"
    answer = await coolify.call("POST", path, {**_TASK, **more})
    assert answer.status_code == 201
    return f"{path}/{answer.json()['uuid']}"


async def _run(coolify: Platform, path: str) -> dict[str, Any]:
    """Run a task and return what became of it."""
    answer = await coolify.call("POST", f"{path}/execute")
    assert answer.json() == {"message": "Scheduled task execution queued."}
    await settle()
    found: dict[str, Any] = (await coolify.call("GET", f"{path}/executions")).json()[0]
    return found


async def _deployed(coolify: Platform, *commits: str) -> None:
    """Let each of these run, old ones not removed."""
    for commit in commits:
        coolify.change(coolify.worker, git_commit_sha=commit)
        await coolify.deploy(coolify.worker)
        await coolify.clock.move(2)


async def test_it_runs_in_the_container_that_runs(coolify: Platform) -> None:
    """Also when it is off; the time that it took is a text."""
    await _deployed(coolify, NEW)
    coolify.fleet.outcome = Executed(code=0, output="done\n")
    run = await _run(coolify, await _made(coolify, enabled=False))
    (container,) = coolify.fleet.running
    assert coolify.fleet.executed == [(container, "echo done")]
    assert (run["status"], run["message"], run["duration"]) == ("success", "done\n", "0.00")


async def test_none_or_several_containers_is_a_failure(coolify: Platform) -> None:
    """Unless the task names one."""
    path = await _made(coolify)
    assert (await _run(coolify, path))["status"] == "failed"
    coolify.parts.switchboard.on({"name": "old-stays", "commit": NEW})
    await _deployed(coolify, "a" * 40, NEW)
    assert len(coolify.fleet.running) == 2
    run = await _run(coolify, path)
    assert (run["status"], run["message"].startswith("Job permanently failed after")) == ("failed", True)
    named = await _made(coolify, container=next(iter(coolify.fleet.running)))
    assert (await _run(coolify, named))["status"] == "success"


async def test_a_command_that_fails_says_how(coolify: Platform) -> None:
    """Its output stands behind the words of the job."""
    await _deployed(coolify, NEW)
    coolify.fleet.outcome = Executed(code=3, output="no such table")
    run = await _run(coolify, await _made(coolify))
    assert (run["status"], run["message"]) == ("failed", "Job permanently failed after 1 attempts: no such table")


async def test_tasks_are_checked_changed_and_removed(coolify: Platform) -> None:
    """Unknown and missing keys are 422; what is gone is 404."""
    path = await _made(coolify)
    all_of_them = path.rpartition("/")[0]
    assert (await coolify.call("POST", all_of_them, {"name": "x"})).status_code == 422
    assert (await coolify.call("PATCH", path, {"unknown": 1})).status_code == 422
    assert (await coolify.call("PATCH", path, {"timeout": 5})).json()["timeout"] == 5
    assert len((await coolify.call("GET", all_of_them)).json()) == 1
    assert (await coolify.call("DELETE", path)).json() == {"message": "Scheduled task deleted."}
    assert (await coolify.call("POST", f"{path}/execute")).json() == {"message": "Scheduled task not found."}


async def test_success_is_told_before_the_post_deployment_command(coolify: Platform) -> None:
    """The webhook is not signed; of a cancelled deployment nothing is told."""
    settings = {"webhook_enabled": True, "webhook_url": "https://hooks.example/x"}
    wanted = {**settings, "deployment_success_webhook_notifications": True}
    assert (await coolify.call("PATCH", "/notifications/webhook", wanted)).json()["webhook_enabled"] is True
    coolify.change(coolify.worker, post_deployment_command="sleep")
    line = await coolify.deploy(coolify.worker)
    await settle()
    (notice,) = coolify.store.notices
    assert coolify.row(line["deployment_uuid"]).finished_at is None
    assert (notice.body["event"], notice.body["deployment_uuid"]) == ("deployment_success", line["deployment_uuid"])
    coolify.builder.failing.add(NEW)
    coolify.change(coolify.worker, git_commit_sha=NEW)
    await coolify.clock.move(2)
    await coolify.deploy(coolify.worker)
    await coolify.clock.move(2)
    assert [each.body["event"] for each in coolify.store.notices] == ["deployment_success", "deployment_failed"]


async def test_the_webhooks_settings_are_checked(coolify: Platform) -> None:
    """Unknown keys and flags that are none are named; its address is not for everybody."""
    answer = await coolify.call("PATCH", "/notifications/webhook", {"unknown": 1, "webhook_enabled": "yes"})
    assert {*answer.json()["errors"]} == {"unknown", "webhook_enabled"}
    reader = coolify.client(coolify.token_with("read"))
    assert "webhook_url" not in (await reader.get("/api/v1/notifications/webhook")).json()
