"""The xAI adapter and answers that drift: each way is read, or ends in one of our reasons."""

import base64
import json
from typing import Any

import pytest

from backend.tests.asked import PLAN, QUERY
from backend.tests.integration.xai import Xai, asked_all

pytestmark = pytest.mark.contracts


class TestAnswers:
    """An answer with status 200: what is wrong with it."""

    @pytest.mark.parametrize(
        ("fault", "reason"),
        [
            ("empty-body", "invalid response"),
            ("deep-nesting", "invalid response"),
            ("wrong-encoding", "invalid response"),
            ("null-content", "empty"),
            ("empty-content", "empty"),
            ("empty-output", "empty"),
            ("refusal", "refused"),
            ("tool-call", "unexpected tool"),
            ("truncated-length", "truncated"),
            ("truncated-stop", "truncated"),
            ("two-objects", "invalid payload"),
            ("extra-keys", "invalid payload"),
            ("missing-keys", "invalid payload"),
            ("not-an-object", "invalid payload"),
            ("lists-as-text", "invalid payload"),
            ("number-as-string", "invalid payload"),
            ("nan", "invalid payload"),
        ],
    )
    async def test_drift_ends_in_the_rules(self, xai: Xai, *, fault: str, reason: str) -> None:
        """In each of the operations that it can happen to."""
        await xai.goes_wrong(fault)

        outcome = await xai.assistant.answer(QUERY)

        assert (outcome.source, outcome.reason) == ("fallback", reason)

    @pytest.mark.parametrize("fault", ["fenced", "prose", "unknown-finish", "no-usage", "other-model"])
    async def test_what_can_be_read_is_read(self, xai: Xai, fault: str) -> None:
        """A fence, some words around it, a model of another name."""
        await xai.goes_wrong(fault)

        assert [each.reason for each in await asked_all(xai.assistant)] == [None] * 3

    @pytest.mark.parametrize("fault", ["truncated-length", "truncated-stop"])
    async def test_what_was_cut_short_is_asked_for_once_more(self, xai: Xai, fault: str) -> None:
        """With room for a longer answer."""
        await xai.goes_wrong(fault, times=1)

        outcome = await xai.assistant.plan(PLAN)

        first, second = [each["max_output_tokens"] for each in await xai.requests()]
        assert outcome.source == "provider"
        assert second > first

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"null",
            b"[]",
            b'"text"',
            b"{",
            b'{"a":1,"a":1}',
            b'{"a":NaN}',
            b'{"a":1e999}',
            b'{"a":' + b"1" * 5000 + b"}",
            b"\xff\xfe{}",
            b'\xef\xbb\xbf{"output":[]}',
            b'{"a":"\xe9"}',
            b'{"output":"text"}',
            b'{"output":[1]}',
            b'{"output":{"type":"message"}}',
            b'{"output":[{"type":"message","content":"text"}]}',
            b'{"output":[{"type":"message","content":[{"type":"output_text","text":1}]}]}',
        ],
    )
    async def test_an_envelope_that_is_none(self, xai: Xai, body: bytes) -> None:
        """Whatever is sent as JSON."""
        await xai.goes_wrong("body", body_base64=base64.b64encode(body).decode())

        assert (await xai.assistant.answer(QUERY)).reason == "invalid response"

    @pytest.mark.parametrize(
        ("envelope", "reason"),
        [
            ({}, "empty"),
            ({"output": None}, "empty"),
            ({"output": [{"type": "message", "content": None}]}, "empty"),
            ({"output": [{"type": "reasoning"}, {"type": "made_up"}]}, "empty"),
            ({"error": {"code": "server_error", "message": "x"}}, "unavailable"),
            ({"status": "failed"}, "unavailable"),
            ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "refused"),
            ({"status": "incomplete", "incomplete_details": None}, "truncated"),
            ({"status": ["odd"], "model": 7, "usage": "much"}, "empty"),
            ({"output": [{"type": "web_search_call"}]}, "unexpected tool"),
            ({"output": [{"type": "message", "refusal": "no"}]}, "refused"),
        ],
    )
    async def test_an_envelope_that_says_so(self, xai: Xai, *, envelope: dict[str, Any], reason: str) -> None:
        """That it failed, was filtered, or holds nothing."""
        await xai.goes_wrong("body", body=json.dumps(envelope))

        assert (await xai.assistant.answer(QUERY)).reason == reason

    @pytest.mark.parametrize("kind", ["text/plain", "application/octet-stream", "text/event-stream", ""])
    async def test_a_type_that_is_not_json(self, xai: Xai, kind: str) -> None:
        """It is not even looked at."""
        await xai.goes_wrong("body", body='{"output":[]}', content_type=kind)

        assert (await xai.assistant.answer(QUERY)).reason == "invalid response"

    async def test_parts_are_one_text(self, xai: Xai) -> None:
        """The model may say it in several."""
        half, rest = '{"answer":"On Fri', 'day.","citations":[],"confidence":0.5}'
        parts = [{"type": "output_text", "text": each} for each in (half, None, rest)]
        output = [
            {"type": "reasoning"},
            {"type": "message", "content": parts[:2]},
            {"type": "message", "content": parts[2:]},
        ]
        await xai.goes_wrong("body", body=json.dumps({"output": output}))

        assert (await xai.assistant.answer(QUERY)).value.answer == "On Friday."
