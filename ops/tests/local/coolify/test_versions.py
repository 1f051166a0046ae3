"""What servers of other versions do differently, and that a rollout succeeds on each of them."""

from typing import Any

import pytest

from gonogo.local.coolify.version import at_least, key
from tests.local.coolify.acting import Actor
from tests.local.coolify.stage import Stage
from tests.local.scripted import Platform, settle

BETA = "4.0.0-beta.470"
SERVED = ("4.0.0-beta.454", BETA, "4.0.0", "4.1.0", "4.1.2", "4.2.0", "4.3.0", "4.3.11", "4.4-rc.1")


@pytest.mark.parametrize("service", ["api", "worker"])
@pytest.mark.parametrize("version", SERVED)
def test_a_rollout_succeeds(stage: Stage, version: str, service: str) -> None:
    """With the real client, forward and back."""
    stage.inside(lambda: stage.store.set_up({"version": version}))
    actor = Actor(stage=stage, service=service)
    seen = actor.forward()
    assert (seen.reference, seen.runs) == ("done", ["new"]), seen.said
    assert (actor.back().runs, stage.client().version()) == (["old"], version)


@pytest.mark.parametrize(
    ("version", "method", "path", "status"),
    [
        ("4.0.0-beta.428", "GET", "/databases/x/backups", 404),
        ("4.0.0-beta.435", "POST", "/deployments/x/cancel", 404),
        ("4.0.0-beta.463", "GET", "/applications/x/scheduled-tasks", 404),
        ("4.2.0", "GET", "/applications/x/rollback-images", 404),
        ("4.2.0", "POST", "/applications/x/scheduled-tasks/y/execute", 404),
    ],
)
async def test_what_came_later_is_not_there(
    coolify: Platform, version: str, method: str, path: str, status: int
) -> None:
    """The 404 carries `docs`, and needs no token."""
    coolify.store.set_up({"version": version})
    answer = await coolify.client("").request(method, f"/api/v1{path}")
    assert (answer.status_code, "docs" in answer.json()) == (status, True)


@pytest.mark.parametrize(
    ("version", "abilities", "path", "status"),
    [
        ("4.0.0-beta.420", ("write",), "/deploy", 400),
        ("4.0.0-beta.420.2", ("write",), "/deploy", 403),
        ("4.0.0-beta.463", ("write",), "/applications/{uuid}/start", 200),
        ("4.0.0-beta.464", ("write",), "/applications/{uuid}/start", 403),
        ("4.0.0-beta.464", ("deploy",), "/applications/{uuid}/start", 200),
    ],
)
async def test_other_abilities_were_asked_for(
    coolify: Platform, version: str, abilities: tuple[str, ...], path: str, status: int
) -> None:
    """`write` deployed once, and started until later."""
    coolify.store.set_up({"version": version})
    client = coolify.client(coolify.token_with(*abilities))
    answer = await client.post(f"/api/v1{path.format(uuid=coolify.api.uuid)}")
    assert answer.status_code == status


@pytest.mark.parametrize(
    ("owner", "old", "new"),
    [({"role": "member"}, "4.1.2", "4.2.0"), ({"role": ""}, "4.1.1", "4.1.2"), ({"expires": 1.0}, BETA, "4.0.0")],
    ids=["role", "membership", "expiry"],
)
async def test_tokens_were_checked_less(coolify: Platform, owner: dict[str, Any], old: str, new: str) -> None:
    """Roles, membership and expiry came one after the other."""
    client = coolify.client(coolify.token_with("read", "deploy", **owner))
    codes = []
    for version in (old, new):
        coolify.store.set_up({"version": version})
        codes.append((await client.get("/api/v1/version")).status_code)
    assert codes[0] == 200
    assert codes[1] in {401, 403}


async def test_logs_leaked_through_the_list_before_4_2(coolify: Platform) -> None:
    """To whoever could read."""
    await coolify.deploy(coolify.api)
    await settle()
    reader = coolify.client(coolify.token_with("read"))
    path = f"/api/v1/deployments/applications/{coolify.api.uuid}"
    shown = []
    for version in ("4.1.2", "4.2.0"):
        coolify.store.set_up({"version": version})
        shown.append("logs" in (await reader.get(path)).json()["deployments"][0])
    assert shown == [True, False]


@pytest.mark.parametrize(("version", "found"), [("4.0.0-beta.463", 200), ("4.0.0-beta.464", 404), (BETA, 200)])
async def test_some_betas_lose_deployments(coolify: Platform, version: str, found: int) -> None:
    """They exist, and the application's list shows them."""
    coolify.store.set_up({"version": version})
    line = await coolify.deploy(coolify.api)
    assert (await coolify.call("GET", f"/deployments/{line['deployment_uuid']}")).status_code == found
    assert (await coolify.call("GET", f"/deployments/applications/{coolify.api.uuid}")).json()["count"] == 1


async def test_before_4_3_7_a_cancel_answers_500_and_the_queue_stands_still(coolify: Platform) -> None:
    """It has its effect all the same."""
    coolify.store.set_up({"version": "4.3.6", "build_seconds": 4})
    first = await coolify.deploy(coolify.api)
    second = await coolify.deploy(coolify.api, force=True)
    answer = await coolify.call("POST", f"/deployments/{first['deployment_uuid']}/cancel")
    statuses = [coolify.row(each["deployment_uuid"]).status for each in (first, second)]
    assert (answer.status_code, statuses) == (500, ["cancelled-by-user", "queued"])
    assert answer.json()["message"].startswith("Failed to cancel deployment: ")


async def test_before_beta_454_the_queue_has_no_limit(coolify: Platform) -> None:
    """A full one is not told, because it is never full."""
    coolify.store.set_up({"version": "4.0.0-beta.453", "queue_limit": 0})
    assert (await coolify.call("POST", "/deploy", {"uuid": coolify.api.uuid})).status_code == 200


async def test_before_beta_408_nothing_is_skipped(coolify: Platform) -> None:
    """Two requests make two rows."""
    coolify.store.set_up({"version": "4.0.0-beta.407"})
    lines = [await coolify.deploy(coolify.api) for _ in range(2)]
    assert all(coolify.store.deployments.get(line["deployment_uuid"]) for line in lines)


async def test_before_beta_435_two_flags_are_refused(coolify: Platform) -> None:
    """By the names that they have now."""
    coolify.store.set_up({"version": "4.0.0-beta.434"})
    body = {"key": "A", "value": "1", "is_runtime": True}
    answer = await coolify.call("POST", f"/applications/{coolify.api.uuid}/envs", body)
    assert [*answer.json()["errors"]] == ["is_runtime"]


async def test_before_4_2_root_saw_locked_values(coolify: Platform) -> None:
    """Since then nobody does."""
    path = f"/applications/{coolify.api.uuid}/envs"
    await coolify.call("POST", path, {"key": "A", "value": "1", "is_shown_once": True})
    shown = []
    for version in ("4.1.2", "4.2.0"):
        coolify.store.set_up({"version": version})
        shown.append("value" in (await coolify.call("GET", path)).json()[0])
    assert shown == [True, False]


async def test_before_beta_445_no_probe_was_unhealthy(coolify: Platform) -> None:
    """Now it is unknown."""
    await coolify.deploy(coolify.worker)
    await settle()
    coolify.fleet.looks.clear()
    shown = []
    for version in ("4.0.0-beta.444", "4.0.0-beta.445"):
        coolify.store.set_up({"version": version})
        coolify.parts.board.refresh()
        shown.append((await coolify.call("GET", f"/applications/{coolify.worker.uuid}")).json()["status"])
    assert shown == ["running:unhealthy", "running:unknown"]


async def test_timestamps_in_logs_came_with_4_2(coolify: Platform) -> None:
    """Before, the flag is not looked at."""
    await coolify.deploy(coolify.worker)
    await settle()
    shown = []
    for version in ("4.1.2", "4.2.0"):
        coolify.store.set_up({"version": version})
        path = f"/applications/{coolify.worker.uuid}/logs"
        shown.append((await coolify.call("GET", path, show_timestamps="true")).json()["logs"].startswith("2026-"))
    assert shown == [False, True]


def test_suffixes_of_suffixes_are_in_order() -> None:
    """beta.420.2 comes after beta.420."""
    assert key("4.0.0-beta.420") < key("4.0.0-beta.420.2") < key("4.0.0-beta.421")
    assert at_least("4.3.0", "4.3.0")
    assert not at_least(BETA, "4.0.0")
