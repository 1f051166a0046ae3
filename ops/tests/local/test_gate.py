"""The stand-in asks the questions that Coolify asks before each call, in Coolify's order and words."""

from typing import Any

import pytest

from tests.local.scripted import Platform

NO_DOCS = {"message": "Application not found."}


async def test_no_token_is_unauthenticated(coolify: Platform) -> None:
    """Without a bearer token there is 401 and no rate header."""
    answer = await coolify.client("").get("/api/v1/applications")
    assert answer.status_code == 401
    assert answer.json() == {"message": "Unauthenticated."}
    assert "x-ratelimit-limit" not in answer.headers


async def test_an_expired_token_is_no_token(coolify: Platform) -> None:
    """A token that has run out is unknown."""
    token = coolify.token_with("read", expires=1.0)
    assert (await coolify.client(token).get("/api/v1/version")).status_code == 401


async def test_a_user_who_left_the_team_has_an_invalid_token(coolify: Platform) -> None:
    """The token's user must still be in the team."""
    answer = await coolify.client(coolify.token_with("read", role="")).get("/api/v1/version")
    assert (answer.status_code, answer.json()) == (401, {"message": "Invalid token."})


async def test_a_member_may_not_hold_a_strong_token(coolify: Platform) -> None:
    """Only admins may do more than read."""
    answer = await coolify.client(coolify.token_with("deploy", role="member")).get("/api/v1/version")
    assert (answer.status_code, answer.json()) == (403, {"message": "Missing required team role."})


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"api_enabled": False}, "API is disabled."),
        ({"allowed_ips": ("10.0.0.0/8",)}, "You are not allowed to access the API."),
    ],
)
async def test_the_two_refusals_that_call_themselves_success(
    coolify: Platform, knobs: dict[str, Any], words: str
) -> None:
    """A switched-off API and a foreign address are 403 with `success: true`."""
    coolify.store.set_up(knobs)
    answer = await coolify.call("GET", "/version")
    assert (answer.status_code, answer.json()) == (403, {"success": True, "message": words})


@pytest.mark.parametrize(
    ("method", "path", "ability"),
    [
        ("GET", "/applications", "read"),
        ("POST", "/deploy", "deploy"),
        ("PATCH", "/applications/x", "write"),
        ("POST", "/deployments/x/cancel", "deploy"),
    ],
)
async def test_each_call_needs_its_ability(coolify: Platform, method: str, path: str, ability: str) -> None:
    """Abilities do not imply each other."""
    others = {"read", "write", "deploy"} - {ability}
    answer = await coolify.client(coolify.token_with(*others)).request(method, f"/api/v1{path}")
    assert (answer.status_code, answer.json()) == (403, {"message": f"Missing required permissions: {ability}"})


async def test_what_does_not_exist_needs_no_token(coolify: Platform) -> None:
    """An unknown path answers everybody, and carries `docs`."""
    answer = await coolify.client("").get("/api/v1/nothing")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not found.", "docs": "https://coolify.io/docs"})


async def test_a_missing_object_has_no_docs(coolify: Platform) -> None:
    """The absence of `docs` tells a missing object from a missing endpoint."""
    answer = await coolify.call("GET", "/applications/unknown")
    assert (answer.status_code, answer.json()) == (404, NO_DOCS)


async def test_get_on_a_changing_call_is_refused_after_the_gate(coolify: Platform) -> None:
    """A read-only token gets 403, a deploy token 405 with the allowed method."""
    reader = await coolify.client(coolify.token_with("read")).get("/api/v1/deploy")
    deployer = await coolify.client(coolify.token_with("deploy")).get("/api/v1/deploy")
    assert (reader.status_code, deployer.status_code, deployer.headers["allow"]) == (403, 405, "POST")
    assert deployer.json() == {"message": "This endpoint has changed to a POST request."}


async def test_before_4_2_get_deployed_as_well(coolify: Platform) -> None:
    """An older server takes GET where a newer one refuses it."""
    coolify.store.set_up({"version": "4.1.2"})
    answer = await coolify.call("GET", "/deploy", uuid=coolify.api.uuid)
    assert answer.json()["deployments"][0]["message"] == "Application api deployment queued."


async def test_an_older_server_has_no_rollback(coolify: Platform) -> None:
    """What came with 4.3 is an unknown path before it."""
    coolify.store.set_up({"version": "4.2.0"})
    answer = await coolify.call("GET", f"/applications/{coolify.api.uuid}/rollback-images")
    assert answer.json()["docs"]


async def test_health_and_version_are_text(coolify: Platform) -> None:
    """Neither is JSON; health needs no token, not even where the API is off."""
    coolify.store.set_up({"api_enabled": False})
    health = await coolify.client("").get("/api/health")
    coolify.store.set_up({"api_enabled": True})
    version = await coolify.call("GET", "/version")
    assert (health.text, version.text) == ("OK", "4.3.11")
    assert version.headers["content-type"].startswith("text/html")


async def test_every_answer_counts_down_and_the_last_is_refused(coolify: Platform) -> None:
    """The limit is shown with each answer; over it, the wait is told."""
    coolify.store.set_up({"rate_limit": 2})
    left = [(await coolify.call("GET", "/version")).headers["x-ratelimit-remaining"] for _ in range(2)]
    refused = await coolify.call("GET", "/version")
    assert left == ["1", "0"]
    assert (refused.status_code, refused.json()) == (429, {"message": "Too Many Attempts."})
    assert refused.headers["retry-after"] == "60"


async def test_the_limit_is_per_user_not_per_token(coolify: Platform) -> None:
    """Two tokens of one user share a budget; another user has its own."""
    coolify.store.set_up({"rate_limit": 1})
    tokens = [coolify.token_with("read", user=user) for user in (1, 1, 2)]
    codes = [(await coolify.client(token).get("/api/v1/version")).status_code for token in tokens]
    assert codes == [200, 429, 200]


async def test_the_budget_comes_back_after_a_minute(coolify: Platform) -> None:
    """The window ends."""
    coolify.store.set_up({"rate_limit": 1})
    await coolify.call("GET", "/version")
    await coolify.clock.move(61)
    assert (await coolify.call("GET", "/version")).status_code == 200


async def test_who_does_not_accept_json_gets_pages(coolify: Platform) -> None:
    """Framework errors are HTML or a redirect for whoever does not ask for JSON."""
    browser = coolify.client(Accept="*/*")
    path = f"/api/v1/deployments/applications/{coolify.api.uuid}?take=0"
    assert (await browser.get(path)).status_code == 302
    coolify.store.set_up({"rate_limit": 1})
    assert "text/html" in (await browser.get(path)).headers["content-type"]


async def test_the_controls_have_a_token_of_their_own(coolify: Platform) -> None:
    """A Coolify token, even the root one, opens no control."""
    assert (await coolify.client().get("/__standin__/state")).status_code == 401
    assert (await coolify.client("control-token").get("/__standin__/state")).status_code == 200
