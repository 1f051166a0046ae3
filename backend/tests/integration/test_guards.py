"""Only a token that is valid now opens a door."""

import hashlib

import httpx
import pytest

from backend.access import tokens
from backend.db.unit_of_work import Database
from backend.tests.integration.world import Rows, bearer, user_of

PATH = "/v1/jobs/canary"


def is_refused(response: httpx.Response) -> bool:
    """Return whether an answer is a complete 401."""
    problem = response.json()
    return (
        response.status_code == 401
        and response.headers["www-authenticate"] == "Bearer"
        and problem["type"] == "urn:problem-type:unauthorized"
    )


class TestGetCurrentUser:
    """Who comes in."""

    async def test_valid_token_opens(self, client: httpx.AsyncClient, token: str) -> None:
        """A valid token is accepted."""
        assert (await client.post(PATH, headers=bearer(token))).status_code == 202

    @pytest.mark.parametrize(
        "header",
        [None, "", "Bearer", "Bearer garbage", "Basic YTpi", f"Bearer {tokens.generate()}", "Bearer ast_\u00fc"],
        ids=["none", "empty", "no token", "garbage", "basic", "unknown", "not ascii"],
    )
    async def test_refuses_what_is_no_known_token(self, client: httpx.AsyncClient, header: str | None) -> None:
        """No token, a token of another form and an unknown token are refused."""
        headers: dict[bytes, bytes] = {} if header is None else {b"Authorization": header.encode()}

        assert is_refused(await client.post(PATH, headers=headers))

    @pytest.mark.parametrize(
        "change",
        [
            "UPDATE api_tokens SET expires_at = now()",
            "UPDATE api_tokens SET revoked_at = now()",
            "UPDATE users SET revoked_at = now()",
        ],
        ids=["expired", "revoked", "revoked user"],
    )
    async def test_refuses_what_was_valid(self, client: httpx.AsyncClient, token: str, rows: Rows, change: str) -> None:
        """A token that has expired or was revoked, itself or its owner, is refused from then on."""
        await client.post(PATH, headers=bearer(token))

        rows.change(change)

        assert is_refused(await client.post(PATH, headers=bearer(token)))


class TestTokens:
    """What is kept of a token."""

    async def test_only_a_hash_is_kept(self, token: str, rows: Rows) -> None:
        """The database holds the token's hash and not the token."""
        (row,) = rows.one("SELECT to_jsonb(api_tokens)::text FROM api_tokens")

        assert hashlib.sha256(token.encode()).hexdigest() in row
        assert token.removeprefix(tokens.PREFIX) not in row

    async def test_use_is_noted_once_a_minute(self, database: Database, token: str, rows: Rows) -> None:
        """The first use is noted, one within a minute is not, a later one is."""
        await user_of(database, token)
        (first,) = rows.one("SELECT last_used_at FROM api_tokens")
        await user_of(database, token)
        (second,) = rows.one("SELECT last_used_at FROM api_tokens")
        rows.change("UPDATE api_tokens SET last_used_at = now() - interval '61 seconds'")
        await user_of(database, token)
        (third,) = rows.one("SELECT last_used_at FROM api_tokens")

        assert first is not None
        assert first == second
        assert third > first
