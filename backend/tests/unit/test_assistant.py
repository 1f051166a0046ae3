"""The assistant: whatever a provider does, there is an answer in time."""

import asyncio
import contextlib
import re
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from backend.providers.llm.assistant import Assistant, Outcome
from backend.providers.llm.counts import AssistantCounts
from backend.providers.llm.errors import REASONS, ProviderError, Reason
from backend.providers.llm.protocol import Adapter
from backend.providers.llm.records import ExtractRequest, Passage, QueryRequest
from backend.tests.asked import EXTRACT, NOW, PASSAGE_IDS, PLAN, QUERY, TASK_IDS, AdapterOf, raising, returning
from backend.tests.malformed import Recipe, malformed, valid_answer, valid_extraction, valid_plan

EXAMPLES = settings(deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])
OPERATIONS: dict[str, Callable[[Assistant], Awaitable[Outcome[Any]]]] = {
    "extract_structured_updates": lambda assistant: assistant.extract(EXTRACT),
    "rewrite_plan": lambda assistant: assistant.plan(PLAN),
    "answer_query": lambda assistant: assistant.answer(QUERY),
}
VALID: dict[str, dict[str, Any]] = {
    "extract_structured_updates": valid_extraction(),
    "rewrite_plan": valid_plan(TASK_IDS),
    "answer_query": valid_answer(PASSAGE_IDS),
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS)


class GivesUp(BaseException):
    """An error that is no Exception."""


async def asked(adapter: Adapter | None, operation: str, *, deadline_s: float = 60.0) -> Outcome[Any]:
    """Return what an assistant answers with one adapter."""
    return await OPERATIONS[operation](Assistant(adapter, deadline_s=deadline_s))


async def assert_fallback(adapter: Adapter, operation: str, *, reason: str, deadline_s: float = 60.0) -> None:
    """Demand the answer of the rules, and the reason why it was given."""
    by_rules = await asked(None, operation)

    outcome = await asked(adapter, operation, deadline_s=deadline_s)

    assert outcome == Outcome(value=by_rules.value, source="fallback", reason=reason)


@each_operation
async def test_a_valid_payload_is_the_answer(operation: str) -> None:
    """It is used, and said to be the provider's."""
    outcome = await asked(returning(VALID[operation]), operation)

    assert (outcome.source, outcome.reason) == ("provider", None)


@each_operation
async def test_without_a_provider_the_rules_answer(operation: str) -> None:
    """And the reason says why."""
    outcome = await asked(None, operation)

    assert (outcome.source, outcome.reason) == ("fallback", "not configured")


@pytest.mark.contracts
class TestDefects:
    """An adapter may raise anything."""

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (ProviderError("refused"), "refused"),
            (TimeoutError("its own"), "timeout"),
            (RecursionError(), "defect"),
            (MemoryError(), "defect"),
            (ExceptionGroup("several", [ValueError("a"), KeyError("b")]), "defect"),
            (BaseExceptionGroup("several", [GivesUp()]), "defect"),
            (GivesUp(), "defect"),
            (GeneratorExit(), "defect"),
            (StopIteration(), "defect"),
            (StopAsyncIteration(), "defect"),
            (asyncio.CancelledError(), "defect"),
            (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), "defect"),
        ],
        ids=lambda each: type(each).__name__ if isinstance(each, BaseException) else "",
    )
    @each_operation
    async def test_end_in_the_rules(self, operation: str, error: BaseException, reason: str) -> None:
        """Each of them."""
        await assert_fallback(raising(error), operation, reason=reason)

    @each_operation
    async def test_a_reason_of_its_own_is_not_repeated(self, operation: str) -> None:
        """What a stranger says is not shown to anybody."""
        error = ProviderError("refused")
        error.reason = "xai-secret said by a stranger"  # type: ignore[assignment]

        await assert_fallback(raising(error), operation, reason="defect")

    @pytest.mark.parametrize("method", [lambda _request: {}, lambda: None, None, 1], ids=["plain", "no", "null", "one"])
    async def test_methods_that_are_none(self, method: object) -> None:
        """Something else stands where a coroutine function should."""
        adapter = returning({})
        adapter.extract_structured_updates = method  # type: ignore[method-assign,assignment]

        await assert_fallback(adapter, "extract_structured_updates", reason="defect")

    def test_the_end_of_the_process_is_not_held_up(self) -> None:
        """An interrupt is no defect of a provider; an exit that its code asks for is one."""
        with pytest.raises(KeyboardInterrupt):
            asyncio.run(_quietly(asked(raising(KeyboardInterrupt()), "answer_query")))


async def _quietly(awaitable: Awaitable[object]) -> object:
    return await awaitable


@pytest.mark.contracts
class TestDeadline:
    """The answer comes in time."""

    @each_operation
    async def test_who_sleeps_is_not_waited_for(self, operation: str) -> None:
        """The rules answer at the deadline."""
        await assert_fallback(AdapterOf(asyncio.Event().wait), operation, reason="timeout", deadline_s=0.02)

    @each_operation
    async def test_who_does_not_obey_is_left_behind(self, operation: str) -> None:
        """A valid answer after the deadline is too late, also from one who goes on when cancelled."""
        release = asyncio.Event()

        async def disobey() -> object:
            while not release.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await release.wait()
            return VALID[operation]

        # Who waited for it would wait for ever.
        await assert_fallback(AdapterOf(disobey), operation, reason="timeout", deadline_s=0.05)
        release.set()

    @each_operation
    async def test_who_holds_up_the_loop_is_late(self, operation: str) -> None:
        """A valid answer after the deadline is too late, also where no alarm could ring."""

        async def block() -> object:
            time.sleep(0.03)  # noqa: ASYNC251 -- the defect that is tried
            return VALID[operation]

        await assert_fallback(AdapterOf(block), operation, reason="timeout", deadline_s=0.02)

    async def test_an_error_after_the_deadline_is_nobodys(self) -> None:
        """It is neither raised nor reported by the loop."""
        reported: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))

        async def fail_late() -> object:
            try:
                await asyncio.Event().wait()
            finally:
                raise ValueError("late")

        await assert_fallback(AdapterOf(fail_late), "answer_query", reason="timeout", deadline_s=0.01)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert reported == []

    async def test_a_caller_who_leaves_takes_the_provider_along(self) -> None:
        """A cancelled request asks nobody any more."""
        began, ended = asyncio.Event(), asyncio.Event()

        async def wait() -> object:
            try:
                began.set()
                return await asyncio.Event().wait()
            finally:
                ended.set()

        asking = asyncio.create_task(_quietly(asked(AdapterOf(wait), "answer_query")))
        await began.wait()
        asking.cancel()

        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.wait_for(ended.wait(), 60.0)


@pytest.mark.contracts
class TestMalformedPayloads:
    """A payload that is wrong anywhere is not used anywhere."""

    @EXAMPLES
    @given(recipe=malformed(VALID["extract_structured_updates"]))
    async def test_of_an_extraction(self, recipe: Recipe) -> None:
        """The rules answer."""
        await assert_fallback(returning(recipe.make()), "extract_structured_updates", reason="invalid payload")

    @EXAMPLES
    @given(recipe=malformed(VALID["rewrite_plan"]))
    async def test_of_a_plan(self, recipe: Recipe) -> None:
        """The rules answer."""
        await assert_fallback(returning(recipe.make()), "rewrite_plan", reason="invalid payload")

    @EXAMPLES
    @given(recipe=malformed(VALID["answer_query"]))
    async def test_of_an_answer(self, recipe: Recipe) -> None:
        """The rules answer."""
        await assert_fallback(returning(recipe.make()), "answer_query", reason="invalid payload")


class TestStrangeRequests:
    """What people write may be anything."""

    @pytest.mark.parametrize(
        "text", ["\ud800", "\udfff" * 100, "\0", "🦆" * 20_000, "\u202e" * 99, "", " ", "9" * 20_000, "\n" * 20_000]
    )
    @pytest.mark.parametrize("timezone", ["Europe/Berlin", "No/Where", "../../etc/passwd", ""])
    async def test_are_answered(self, text: str, timezone: str) -> None:
        """By rules, or by nothing found, and without an error."""
        passage = Passage(id=UUID(int=1), kind="thought", text=text, created_at=NOW)
        assistant = Assistant(returning(VALID["answer_query"]), deadline_s=60.0)

        extracted = await assistant.extract(ExtractRequest(text=text, now=NOW, timezone=timezone))
        answered = await assistant.answer(
            QueryRequest(question=text, now=NOW, timezone=timezone, passages=(passage,) * 5)
        )

        assert extracted.source == "fallback"
        assert answered.value.answer.strip()


class TestCounts:
    """Each operation is counted by how it ended."""

    @pytest.fixture
    def registry(self) -> CollectorRegistry:
        """Return counts of this test's own."""
        return CollectorRegistry()

    @pytest.mark.parametrize(
        ("adapter", "outcome"),
        [
            (None, "not configured"),
            (raising(ProviderError("quota")), "quota"),
            (returning({}), "invalid payload"),
            (returning(VALID["answer_query"]), "ok"),
        ],
        ids=["none", "failing", "malformed", "valid"],
    )
    async def test_by_reason(self, registry: CollectorRegistry, adapter: Adapter | None, outcome: str) -> None:
        """One operation, one count."""
        assistant = Assistant(adapter, deadline_s=60.0, counts=AssistantCounts(registry))

        await assistant.answer(QUERY)

        labels = {"operation": "answer_query", "outcome": outcome}
        assert registry.get_sample_value("assistant_outcomes_total", labels) == 1.0


@given(reason=st.sampled_from(sorted(REASONS)))
def test_reasons_are_words_for_people(reason: Reason) -> None:
    """Few, small and plain: they stand in answers."""
    assert reason == reason.lower()
    assert reason.replace(" ", "").isalpha()


def test_the_manual_lists_every_reason() -> None:
    """Each with what to do about it, and no other."""
    manual = (Path(__file__).parents[3] / "docs" / "providers.md").read_text(encoding="utf-8")
    table = manual.partition("### Reasons")[2].partition("###")[0]

    assert set(re.findall(r"^\| `([a-z ]+)` \|", table, re.MULTILINE)) == REASONS
