"""Changing an application, and its environment variables."""

from typing import Any

import pytest

from gonogo.local.coolify import status, version
from gonogo.local.coolify.records import Look
from tests.local.scripted import NEW, Platform, settle


@pytest.mark.parametrize(
    "body",
    [
        {"unknown": 1},
        {"fqdn": "http://x"},
        {"dockerfile": "FROM x"},
        {"build_pack": "dockerimage"},
        {"git_commit_sha": None},
        {"git_commit_sha": "-x"},
        {"docker_registry_image_tag": ".x"},
        {"health_check_enabled": "perhaps"},
        {"stop_grace_period": 0},
        {"ports_exposes": None},
        {"ports_mappings": "80:80,80:81"},
    ],
)
async def test_what_may_not_be_changed_is_422(coolify: Platform, body: dict[str, Any]) -> None:
    """One bad key refuses the whole change, and is named."""
    answer = await coolify.call("PATCH", f"/applications/{coolify.api.uuid}", {**body, "description": "changed"})
    assert answer.status_code == 422
    assert list(answer.json()["errors"]) == list(body)
    assert (await coolify.call("GET", f"/applications/{coolify.api.uuid}")).json()["description"] is None


async def test_a_change_answers_with_the_uuid_and_is_read_back(coolify: Platform) -> None:
    """Columns and settings are changed by the same call."""
    path = f"/applications/{coolify.api.uuid}"
    answer = await coolify.call("PATCH", path, {"git_commit_sha": NEW, "stop_grace_period": 5})
    found = (await coolify.call("GET", path)).json()
    assert answer.json() == {"uuid": coolify.api.uuid}
    assert (found["git_commit_sha"], found["settings"]["stop_grace_period"]) == (NEW, 5)


async def test_a_settings_key_is_unknown_to_an_older_server(coolify: Platform) -> None:
    """Settings came into this call with 4.2."""
    coolify.store.set_up({"version": "4.1.2"})
    answer = await coolify.call("PATCH", f"/applications/{coolify.api.uuid}", {"stop_grace_period": 5})
    assert answer.json()["errors"] == {"stop_grace_period": ["This field is not allowed."]}


@pytest.mark.parametrize(
    ("content", "kind", "words"),
    [
        ("{}", "text/plain", "Content-Type must be application/json."),
        ("{", "application/json", "Invalid JSON."),
        ("{}", "application/json", "Empty JSON."),
    ],
)
async def test_a_bad_body_is_400(coolify: Platform, content: str, kind: str, words: str) -> None:
    """The strict body check comes before validation."""
    client = coolify.client(**{"Content-Type": kind})
    answer = await client.patch(f"/api/v1/applications/{coolify.api.uuid}", content=content)
    assert (answer.status_code, answer.json()) == (400, {"message": "Invalid request.", "error": words})


async def test_logs_come_from_the_newest_container(coolify: Platform) -> None:
    """A dead newest one hides the healthy old one."""
    path = f"/applications/{coolify.worker.uuid}/logs"
    assert (await coolify.call("GET", path)).json() == {"message": "Application is not running."}
    await coolify.deploy(coolify.worker)
    await settle()
    assert (await coolify.call("GET", path, lines="7")).json()["logs"].startswith("last 7 lines")


async def test_a_variable_has_a_preview_twin(coolify: Platform) -> None:
    """Both carry the same key; production comes first."""
    path = f"/applications/{coolify.api.uuid}/envs"
    assert (await coolify.call("POST", path, {"key": "A", "value": " 1 \n"})).status_code == 201
    rows = (await coolify.call("GET", path)).json()
    assert [(row["key"], row["value"], row["is_preview"]) for row in rows] == [("A", "1", False), ("A", "1", True)]


async def test_an_existing_variable_is_409(coolify: Platform) -> None:
    """POST never changes one."""
    path = f"/applications/{coolify.api.uuid}/envs"
    codes = [(await coolify.call("POST", path, {"key": "A", "value": "1"})).status_code for _ in range(2)]
    assert codes == [201, 409]


async def test_a_locked_value_is_hidden_from_everybody(coolify: Platform) -> None:
    """Not even root sees it; others see no value at all."""
    path = f"/applications/{coolify.api.uuid}/envs"
    await coolify.call("POST", path, {"key": "A", "value": "1", "is_shown_once": True})
    await coolify.call("POST", path, {"key": "B", "value": "2"})
    mine = (await coolify.call("GET", path)).json()
    reader = coolify.client(coolify.token_with("read"))
    theirs = (await reader.get(f"/api/v1{path}")).json()
    assert {row["key"] for row in mine if "value" in row} == {"B"}
    assert not [row for row in theirs if "value" in row]


async def test_an_update_resets_what_it_leaves_out(coolify: Platform) -> None:
    """`is_literal` falls back; a true `is_multiline` left out is a server error; the comment is kept."""
    path = f"/applications/{coolify.api.uuid}/envs"
    await coolify.call("POST", path, {"key": "A", "value": "1", "is_literal": True, "comment": "why"})
    row = (await coolify.call("PATCH", path, {"key": "A", "value": "2"})).json()
    assert (row["value"], row["is_literal"], row["comment"]) == ("2", False, "why")
    await coolify.call("POST", path, {"key": "B", "value": "1", "is_multiline": True})
    assert (await coolify.call("PATCH", path, {"key": "B", "value": "2"})).status_code == 500


async def test_a_bad_item_stops_the_bulk_half_way(coolify: Platform) -> None:
    """What came before it is saved; unknown keys of an item are dropped."""
    path = f"/applications/{coolify.api.uuid}/envs"
    items = [{"key": "A", "value": "1", "extra": 1}, {"key": "B", "value": 2}, {"key": "C", "value": "3"}]
    answer = await coolify.call("PATCH", f"{path}/bulk", {"data": items})
    assert (answer.status_code, answer.json()["errors"]) == (422, {"value": ["The value field must be a string."]})
    assert {row["key"] for row in (await coolify.call("GET", path)).json()} == {"A"}


async def test_deleting_touches_one_scope(coolify: Platform) -> None:
    """The preview twin stays."""
    path = f"/applications/{coolify.api.uuid}/envs"
    uuid = (await coolify.call("POST", path, {"key": "A", "value": "1"})).json()["uuid"]
    assert (await coolify.call("DELETE", f"{path}/{uuid}")).json() == {"message": "Environment variable deleted."}
    assert [row["is_preview"] for row in (await coolify.call("GET", path)).json()] == [True]
    assert (await coolify.call("DELETE", f"{path}/{uuid}")).status_code == 404


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        ([], "exited:unhealthy"),
        ([("running", "healthy", 0)], "running:healthy"),
        ([("running", "starting", 0)], "running:healthy"),
        ([("running", "none", 0)], "running:unknown"),
        ([("running", "healthy", 0), ("running", "unhealthy", 0)], "running:unhealthy"),
        ([("running", "healthy", 0), ("exited", "none", 0)], "degraded:unhealthy"),
        ([("restarting", "none", 3)], "degraded:unhealthy"),
        ([("restarting", "none", 0)], "restarting:unknown"),
    ],
)
def test_the_status_is_over_all_containers(looks: list[tuple[str, str, int]], expected: str) -> None:
    """Old and new ones count alike."""
    seen = [Look(state=state, health=health, restarts=restarts) for state, health, restarts in looks]
    assert status.aggregate(seen) == expected


def test_versions_are_in_order() -> None:
    """Betas come first, candidates before their release."""
    order = ["4.0.0-beta.298", "4.0.0-beta.470", "4.0.0", "4.1.2", "4.3.0", "4.3.11", "4.4-rc.1", "4.4.0"]
    assert [*map(version.key, order)] == sorted(map(version.key, order))
