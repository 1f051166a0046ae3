"""A person manages their own tokens."""

import httpx

from backend.access.tokens import Scope
from backend.db.unit_of_work import Database
from backend.tests.integration.world import Rows, bearer, issue_token

PATH = "/v1/tokens"


async def made(client: httpx.AsyncClient, token: str, **wanted: object) -> dict[str, str]:
    """Make a token and return the answer."""
    response = await client.post(PATH, json={"name": "phone", **wanted}, headers=bearer(token))
    assert response.status_code == 201, response.text
    answer: dict[str, str] = response.json()
    return answer


class TestMake:
    """POST /v1/tokens."""

    async def test_a_new_token_opens_what_it_is_for(self, client: httpx.AsyncClient, token: str) -> None:
        """One for reading reads, and does nothing else; it is shown in this answer only."""
        new = await made(client, token, scopes=["read"])
        reads = await client.get("/v1/jobs", headers=bearer(new["secret"]))
        writes = await client.post("/v1/jobs/canary", headers=bearer(new["secret"]))
        listed = await client.get(PATH, headers=bearer(token))

        assert (reads.status_code, writes.status_code) == (200, 403)
        assert new["secret"] not in listed.text
        assert [each["name"] for each in listed.json()["tokens"]] == ["phone", "test"]

    async def test_never_makes_more_than_it_is(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """A token that may manage but not write cannot make one that may write."""
        rows.change("UPDATE api_tokens SET scopes = ARRAY['read', 'manage']")

        refused = await client.post(PATH, json={"name": "more", "scopes": ["write"]}, headers=bearer(token))

        assert refused.status_code == 403
        assert rows.one("SELECT count(*) FROM api_tokens") == (1,)

    async def test_refuses_what_makes_no_sense(self, client: httpx.AsyncClient, token: str) -> None:
        """No name, no scope, unknown scopes and endless days: every problem is named."""
        wanted = {"name": " ", "scopes": ["root"], "days": 100_000}

        refused = await client.post(PATH, json=wanted, headers=bearer(token))

        assert refused.status_code == 422
        assert {each["field"].split(".")[0] for each in refused.json()["errors"]} == {"name", "scopes", "days"}


class TestRevoke:
    """DELETE /v1/tokens/{id}."""

    async def test_is_refused_from_then_on(self, client: httpx.AsyncClient, token: str) -> None:
        """The next request with it is nobody's; revoking twice is no error."""
        new = await made(client, token, scopes=list(Scope))
        path = f"{PATH}/{new['token']['id']}"  # type: ignore[index]

        first = await client.delete(path, headers=bearer(token))
        second = await client.delete(path, headers=bearer(token))

        assert (first.status_code, second.json()) == (200, first.json())
        assert (await client.get(PATH, headers=bearer(new["secret"]))).status_code == 401

    async def test_lists_only_its_owners(self, client: httpx.AsyncClient, token: str, database: Database) -> None:
        """Another person's tokens are not shown."""
        graces = await issue_token(database, "grace@example.org")
        await made(client, token)

        listed = (await client.get(PATH, headers=bearer(graces))).json()["tokens"]

        assert [each["name"] for each in listed] == ["test"]
