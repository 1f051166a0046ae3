"""The xAI adapter while the provider fails: each way ends in one of our reasons."""

import json

import pytest
from prometheus_client import CollectorRegistry

from backend.providers.llm.xai import Patience
from backend.tests.asked import QUERY
from backend.tests.integration.xai import Xai, make

pytestmark = pytest.mark.contracts


class TestFailures:
    """An answer with another status: which kind it is, and whether it is asked again."""

    @pytest.mark.parametrize(
        ("status", "body", "reason", "attempts"),
        [
            (
                400,
                {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: xa***AG"},
                "auth",
                1,
            ),
            (400, {"code": "invalid-argument", "error": "Invalid JSON schema"}, "rejected", 1),
            (400, {"error": {"message": "Incorrect API key provided"}}, "auth", 1),
            (401, {"code": "unauthenticated:no-credentials", "error": "No credentials provided"}, "auth", 1),
            (402, {}, "quota", 1),
            (403, {"code": "permission-denied", "error": "Your API key is blocked"}, "auth", 1),
            (403, {"code": "permission-denied", "error": "Your team has no credits left"}, "quota", 1),
            (404, {"code": "not-found", "error": "The model does not exist"}, "rejected", 1),
            (404, "Not Found", "rejected", 1),
            (405, "", "rejected", 1),
            (408, "", "unavailable", 3),
            (413, "", "rejected", 1),
            (415, "", "rejected", 1),
            (422, {"error": "field required"}, "rejected", 1),
            (429, {"code": "resource-exhausted", "error": "Too many requests for team t"}, "rate limited", 3),
            (429, {"code": "resource-exhausted", "error": "used all available credits or reached its"}, "quota", 1),
            (429, {"code": "Some resource has been exhausted", "error": "free usage quota"}, "quota", 1),
            (301, "", "rejected", 1),
            (500, {"code": "internal", "error": "Internal error encountered."}, "unavailable", 3),
            (503, "no healthy upstream", "unavailable", 3),
            (529, "", "unavailable", 3),
        ],
    )
    async def test_by_status_and_text(self, xai: Xai, *, status: int, body: object, reason: str, attempts: int) -> None:
        """Each row of the provider's errors."""
        text = body if isinstance(body, str) else json.dumps(body)
        await xai.goes_wrong("body", status=status, body=text, headers={"Location": "/elsewhere"})

        outcome = await xai.assistant.answer(QUERY)

        assert (outcome.source, outcome.reason) == ("fallback", reason)
        assert len(await xai.requests()) == attempts

    @pytest.mark.parametrize("status", [200, 403, 502])
    async def test_a_gateways_page_is_transient(self, xai: Xai, status: int) -> None:
        """Whatever its status says."""
        await xai.goes_wrong("html", status=status)

        assert (await xai.assistant.answer(QUERY)).reason == "unavailable"
        assert len(await xai.requests()) == 3

    async def test_what_passes_is_not_noticed(self, xai: Xai) -> None:
        """Two bad answers, then a good one."""
        await xai.goes_wrong("bad-gateway", times=1)
        await xai.goes_wrong("drop", times=1)

        outcome = await xai.assistant.answer(QUERY)

        assert (outcome.source, outcome.reason) == ("provider", None)
        assert len(await xai.requests()) == 3

    async def test_a_pause_that_fits_is_kept(self, xai: Xai) -> None:
        """The provider says how long."""
        limited = json.dumps({"code": "resource-exhausted", "error": "Too many requests"})
        await xai.goes_wrong("body", status=429, body=limited, headers={"Retry-After": "0.05"}, times=2)

        assert (await xai.assistant.answer(QUERY)).source == "provider"

    @pytest.mark.parametrize("pause", ["60", "1e9", "Sat, 21 Nov 2093 09:30:00 GMT"])
    async def test_a_pause_that_does_not_fit_is_not_begun(self, xai: Xai, pause: str) -> None:
        """The rules answer at once."""
        await xai.goes_wrong("body", status=429, body="{}", headers={"Retry-After": pause})

        assert (await xai.assistant.answer(QUERY)).reason == "rate limited"
        assert len(await xai.requests()) == 1

    @pytest.mark.parametrize("pause", ["nan", "inf", "-1", "soon", "", "Sat, 99 Nov 2026 09:30:00 GMT", "9" * 5000])
    async def test_a_pause_that_is_none_changes_nothing(self, xai: Xai, pause: str) -> None:
        """It is asked again after ours."""
        await xai.goes_wrong("body", status=503, body="{}", headers={"Retry-After": pause}, times=1)

        assert (await xai.assistant.answer(QUERY)).source == "provider"


class TestConnections:
    """There is no answer, or no end of it."""

    @pytest.mark.parametrize(
        ("fault", "reason", "attempts"),
        [("drop", "dropped", 3), ("cut-short", "dropped", 3), ("too-large", "too large", 1)],
    )
    async def test_that_break(self, xai: Xai, *, fault: str, reason: str, attempts: int) -> None:
        """Each ends in its reason."""
        await xai.goes_wrong(fault)

        assert (await xai.assistant.answer(QUERY)).reason == reason
        assert len(await xai.requests()) == attempts

    async def test_nobody_listens(self) -> None:
        """As when the network is down."""
        _, assistant = make("http://127.0.0.1:1", CollectorRegistry(), patience=Patience(budget_s=30.0, pause_s=0.01))

        assert (await assistant.answer(QUERY)).reason == "unreachable"
        await assistant.close()

    async def test_too_slow(self, xai: Xai) -> None:
        """The budget ends, and the breaker learns of it."""
        await xai.goes_wrong("slow")
        adapter, assistant = make(xai.url, CollectorRegistry(), patience=Patience(budget_s=0.05))

        reasons = [(await assistant.answer(QUERY)).reason for _ in range(4)]

        assert reasons == ["timeout", "timeout", "timeout", "circuit open"]
        await adapter.close()
