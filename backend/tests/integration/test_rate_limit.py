"""Nobody sends more than their share; a Redis that does not answer shuts nobody out."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr
from redis.asyncio import Redis

from backend.api import rate_limit
from backend.api.main import create_app
from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.tests.integration.world import NOWHERE, bearer, issue_token, serving

PATH = "/v1/jobs"


def limited(environment: Environment, *, token: int = 0, address: int = 0) -> Environment:
    """Return settings with limits and a count of their own."""
    limits = {"rate_limit_per_minute": token, "rate_limit_per_address_per_minute": address}
    return environment.model_copy(update=limits)


@pytest.fixture
async def clean(environment: Environment, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Environment]:
    """Return settings whose counts are gone at the end; a Redis that is slow on a busy machine is waited for."""
    monkeypatch.setattr(rate_limit, "ANSWER_TIMEOUT_S", 10.0)
    yield environment
    async with Redis.from_url(environment.redis_url.get_secret_value()) as redis:
        async for key in redis.scan_iter(f"{environment.queue_name}.rate*"):
            await redis.delete(key)


async def statuses(client: httpx.AsyncClient, number: int, headers: dict[str, str]) -> list[int]:
    """Return the answers to some requests, one after the other."""
    return [(await client.get(PATH, headers=headers)).status_code for _ in range(number)]


class TestLimitRate:
    """A share is used up."""

    async def test_refuses_a_token_over_its_share(self, clean: Environment, token: str) -> None:
        """The request after the last of a minute is refused, with the seconds to wait."""
        async with serving(create_app(limited(clean, token=3))) as client:
            before = await statuses(client, 3, bearer(token))
            refused = await client.get(PATH, headers=bearer(token))

        assert before == [200, 200, 200]
        assert refused.status_code == 429
        assert 1 <= int(refused.headers["retry-after"]) <= 61
        assert refused.json()["type"] == "urn:problem-type:too-many-requests"

    async def test_one_token_does_not_use_up_anothers_share(
        self, clean: Environment, database: Database, token: str
    ) -> None:
        """Each token has a share of its own."""
        other = await issue_token(database, "grace@example.org")
        async with serving(create_app(limited(clean, token=1))) as client:
            await statuses(client, 2, bearer(token))

            assert await statuses(client, 1, bearer(other)) == [200]

    @pytest.mark.parametrize("spelling", ["Bearer  {}", "bearer {}", "BEARER \t{}", "Bearer {} \t"])
    async def test_counts_a_token_however_its_header_is_spelled(
        self, clean: Environment, token: str, spelling: str
    ) -> None:
        """What opens the door is counted at the door."""
        async with serving(create_app(limited(clean, token=1))) as client:
            assert await statuses(client, 2, {"Authorization": spelling.format(token)}) == [200, 429]

    async def test_counts_an_address_without_a_token(self, clean: Environment) -> None:
        """Guessing tokens is limited too: garbage and nothing count for the address."""
        async with serving(create_app(limited(clean, address=3))) as client:
            tried = [*await statuses(client, 2, {}), *await statuses(client, 2, bearer("ast_garbage"))]

        assert tried == [401, 401, 401, 429]

    async def test_health_is_not_limited(self, clean: Environment) -> None:
        """Probes may come as often as they like."""
        async with serving(create_app(limited(clean, address=1))) as client:
            answers = [(await client.get("/health/live")).status_code for _ in range(3)]

        assert answers == [200, 200, 200]

    async def test_shares_are_counted_across_processes(self, clean: Environment, token: str) -> None:
        """Two applications count together, also at the same moment."""
        settings = limited(clean, token=10)
        async with serving(create_app(settings)) as one, serving(create_app(settings)) as two:
            both = await asyncio.gather(statuses(one, 10, bearer(token)), statuses(two, 10, bearer(token)))

        assert sorted(both[0] + both[1]).count(200) == 10


class TestFailsOpen:
    """Redis is no reason to refuse anybody."""

    async def test_everybody_may_pass_while_redis_is_away(self, clean: Environment, token: str) -> None:
        """Requests pass uncounted, and a metric says how many."""
        settings = limited(clean, token=1).model_copy(update={"redis_url": SecretStr(NOWHERE)})
        async with serving(create_app(settings)) as client:
            answers = await statuses(client, 3, bearer(token))
            counts = (await client.get("/metrics")).text

        assert answers == [200, 200, 200]
        assert 'rate_limit_requests_total{outcome="not counted"} 3.0' in counts

    async def test_redis_holds_no_token(self, clean: Environment, token: str) -> None:
        """What can be read in Redis opens nothing."""
        async with serving(create_app(limited(clean, token=9))) as client:
            await statuses(client, 1, bearer(token))
        async with Redis.from_url(clean.redis_url.get_secret_value()) as redis:
            keys = [key async for key in redis.scan_iter(f"*{clean.queue_name}*")]

        assert keys
        assert not any(token[4:].encode() in key for key in keys)
