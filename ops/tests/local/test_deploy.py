"""Asking for a deployment: what is queued, what is skipped, what is refused, and what the answers hide."""

from typing import Any

import pytest

from tests.local.scripted import NEW, OLD, Platform, settle


async def test_a_deployment_is_queued_with_an_id_to_poll(coolify: Platform) -> None:
    """The answer names the application and a row that exists."""
    line = await coolify.deploy(coolify.api)
    assert line["message"] == "Application api deployment queued."
    assert (await coolify.call("GET", f"/deployments/{line['deployment_uuid']}")).json()["status"] == "in_progress"


async def test_a_skipped_request_invents_an_id(coolify: Platform) -> None:
    """The id of an identical request was never stored."""
    await coolify.deploy(coolify.api)
    line = await coolify.deploy(coolify.api)
    assert line["message"] == "Deployment already queued for this commit."
    answer = await coolify.call("GET", f"/deployments/{line['deployment_uuid']}")
    assert (answer.status_code, answer.json()) == (404, {"message": "Deployment not found."})


async def test_another_commit_is_not_identical(coolify: Platform) -> None:
    """The commit that was set decides, and waits for the running one."""
    await coolify.deploy(coolify.api)
    await coolify.call("PATCH", f"/applications/{coolify.api.uuid}", {"git_commit_sha": NEW})
    line = await coolify.deploy(coolify.api)
    assert coolify.row(line["deployment_uuid"]).status == "queued"


async def test_before_4_1_the_commit_key_is_always_head(coolify: Platform) -> None:
    """An older server skips a deployment of another commit while one runs, until the running one has resolved it."""
    coolify.store.set_up({"version": "4.0.0-beta.470", "build_seconds": 4})
    first = await coolify.deploy(coolify.api)
    await coolify.call("PATCH", f"/applications/{coolify.api.uuid}", {"git_commit_sha": NEW})
    second = await coolify.deploy(coolify.api)
    assert second["message"] == "Deployment already queued for this commit."
    assert coolify.row(first["deployment_uuid"]).commit == "HEAD"


async def test_force_is_never_skipped(coolify: Platform) -> None:
    """`force` makes a row of its own."""
    await coolify.deploy(coolify.api)
    line = await coolify.deploy(coolify.api, force=True)
    assert coolify.row(line["deployment_uuid"]).force_rebuild


async def test_no_more_than_so_many_run_at_once(coolify: Platform) -> None:
    """`concurrent_builds` holds over all applications."""
    coolify.store.set_up({"concurrent_builds": 1})
    lines = [await coolify.deploy(app) for app in (coolify.api, coolify.worker)]
    assert [coolify.row(line["deployment_uuid"]).status for line in lines] == ["in_progress", "queued"]


async def test_a_full_queue_is_told_by_deploy_only(coolify: Platform) -> None:
    """`/deploy` answers 429; `/start` answers 200 with an id that does not exist; rollback answers 400."""
    coolify.store.set_up({"queue_limit": 0})
    path = f"/applications/{coolify.api.uuid}"
    full = await coolify.call("POST", "/deploy", {"uuid": coolify.api.uuid})
    started = await coolify.call("POST", f"{path}/start")
    rollback = await coolify.call("POST", f"{path}/rollback", {"commit": OLD})
    assert (full.status_code, full.headers["retry-after"], rollback.status_code) == (429, "60", 400)
    assert coolify.store.deployments.get(started.json()["deployment_uuid"]) is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "You must provide uuid or tag."),
        ({"uuid": "a", "tag": "b"}, "You can only use uuid or tag, not both."),
        ({"tag": "a", "pr": 1}, "You can only use tag or pr, not both."),
        ({"uuid": "a", "docker_tag": "b"}, "docker_tag requires pull_request_id."),
        ({"uuid": ","}, "No UUIDs provided."),
    ],
)
async def test_contradictions_are_400(coolify: Platform, body: dict[str, Any], words: str) -> None:
    """Each contradiction has its words."""
    answer = await coolify.call("POST", "/deploy", body)
    assert (answer.status_code, answer.json()) == (400, {"message": words})


async def test_unknown_applications_vanish_from_the_answer(coolify: Platform) -> None:
    """Some unknown: fewer lines. All unknown: 404."""
    some = await coolify.call("POST", "/deploy", {"uuid": f"nothing,{coolify.api.uuid}"})
    none = await coolify.call("POST", "/deploy", {"uuid": "nothing"})
    assert len(some.json()["deployments"]) == 1
    assert (none.status_code, none.json()) == (404, {"message": "No resources found."})


async def test_start_of_an_identical_one_has_no_id(coolify: Platform) -> None:
    """`/start` tells a skipped request by leaving the id out."""
    await coolify.deploy(coolify.api)
    answer = await coolify.call("POST", f"/applications/{coolify.api.uuid}/start")
    assert answer.json() == {"message": "Deployment already queued for this commit."}


async def test_the_list_of_running_ones_has_two_shapes(coolify: Platform) -> None:
    """An array, or an object with positions as keys."""
    await coolify.deploy(coolify.api)
    array = (await coolify.call("GET", "/deployments")).json()
    coolify.store.set_up({"keyed_list": True})
    keyed = (await coolify.call("GET", "/deployments")).json()
    assert keyed == {"0": array[0]}


async def test_the_list_of_an_application_is_paged_newest_first(coolify: Platform) -> None:
    """`count` is the total; `skip` and `take` cut."""
    rows = [await coolify.deploy(coolify.api, force=True) for _ in range(3)]
    answer = await coolify.call("GET", f"/deployments/applications/{coolify.api.uuid}", skip="1", take="1")
    assert answer.json()["count"] == 3
    assert [row["deployment_uuid"] for row in answer.json()["deployments"]] == [rows[1]["deployment_uuid"]]


async def test_logs_need_a_sensitive_token(coolify: Platform) -> None:
    """The log is JSON inside a string, and left out for whoever may only read."""
    line = await coolify.deploy(coolify.api)
    await settle()
    path = f"/api/v1/deployments/{line['deployment_uuid']}"
    assert "logs" not in (await coolify.client(coolify.token_with("read")).get(path)).json()
    assert isinstance((await coolify.client().get(path)).json()["logs"], str)


async def test_the_single_answer_carries_its_application(coolify: Platform) -> None:
    """One deployment comes with a nested application."""
    line = await coolify.deploy(coolify.api)
    answer = (await coolify.call("GET", f"/deployments/{line['deployment_uuid']}")).json()
    assert answer["application"]["uuid"] == coolify.api.uuid
    assert coolify.api.uuid in answer["deployment_url"]


async def test_stop_removes_every_container(coolify: Platform) -> None:
    """Stopping is answered at once and done later."""
    await coolify.deploy(coolify.worker)
    await settle()
    answer = await coolify.call("POST", f"/applications/{coolify.worker.uuid}/stop")
    await settle()
    assert answer.json() == {"message": "Application stopping request queued."}
    assert not coolify.fleet.running
