"""The assistant: the provider's answer when it is valid and in time, else that of the built-in rules."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar
from uuid import UUID

from backend.core import clock
from backend.core.logging import get_logger, place_of
from backend.providers.llm import boundary, builtin, metering
from backend.providers.llm.counts import NEVER_ASKED, AssistantCounts, Call, Operation
from backend.providers.llm.errors import REASONS, ProviderError, Reason
from backend.providers.llm.ledger import CallLedger
from backend.providers.llm.metering import Meter
from backend.providers.llm.protocol import Adapter
from backend.providers.llm.records import (
    AnswerDraft,
    ExtractedUpdates,
    ExtractRequest,
    PlanDraft,
    PlanRequest,
    QueryRequest,
)

_logger = get_logger(__name__)
Source = Literal["provider", "fallback"]
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome(Generic[T]):
    """What came of an operation; there is always something.

    Attributes:
        value: The answer.
        source: Who gave it.
        reason: Why the built-in rules gave it, one of `errors.REASONS`; None when the provider did.
    """

    value: T
    source: Source
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task(Generic[T]):
    """One operation on one request.

    Attributes:
        operation: Which one.
        ask: Asks the provider, and makes a record of what it says.
        fall_back: The built-in rules.
        last_resort: When even those fail.
        twin_id: For whom.
    """

    operation: Operation
    ask: Callable[[Adapter], Awaitable[T]]
    fall_back: Callable[[], T]
    last_resort: T
    twin_id: UUID | None


class Assistant:
    """Answers always: by the provider if there is one and it behaves, else by rules."""

    def __init__(
        self,
        adapter: Adapter | None,
        *,
        deadline_s: float,
        counts: AssistantCounts | None = None,
        ledger: CallLedger | None = None,
        on_close: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Keep who is asked.

        Args:
            adapter: The provider; None when none is configured.
            deadline_s: How long one operation may take, attempts and pauses included.
            counts: What is counted; None counts for nobody.
            ledger: Keeps a row for each operation; None keeps none.
            on_close: Closes what the adapter holds.
        """
        self._adapter = adapter
        self._deadline_s = deadline_s
        self._counts = counts or AssistantCounts()
        self._ledger = ledger
        self._on_close = on_close
        self._late: set[asyncio.Task[object]] = set()

    async def extract(self, request: ExtractRequest, *, twin_id: UUID | None = None) -> Outcome[ExtractedUpdates]:
        """Return what a thought holds.

        Args:
            request: The thought.
            twin_id: For whom, for the count of what it costs.
        """

        async def ask(adapter: Adapter) -> ExtractedUpdates:
            return boundary.extracted(await adapter.extract_structured_updates(request), request)

        return await self._first(
            _Task(
                operation="extract_structured_updates",
                ask=ask,
                fall_back=lambda: builtin.extract(request),
                last_resort=ExtractedUpdates(tasks=[], projects=[], people=[], ideas=[], problems=[], dates=[]),
                twin_id=twin_id,
            )
        )

    async def plan(self, request: PlanRequest, *, twin_id: UUID | None = None) -> Outcome[PlanDraft]:
        """Return a day.

        Args:
            request: What is open.
            twin_id: For whom, for the count of what it costs.
        """

        async def ask(adapter: Adapter) -> PlanDraft:
            return boundary.planned(await adapter.rewrite_plan(request), request)

        return await self._first(
            _Task(
                operation="rewrite_plan",
                ask=ask,
                fall_back=lambda: builtin.plan(request),
                last_resort=PlanDraft(today_plan=[]),
                twin_id=twin_id,
            )
        )

    async def answer(self, request: QueryRequest, *, twin_id: UUID | None = None) -> Outcome[AnswerDraft]:
        """Return an answer.

        Args:
            request: The question, and what was found for it.
            twin_id: For whom, for the count of what it costs.
        """

        async def ask(adapter: Adapter) -> AnswerDraft:
            return boundary.answered(await adapter.answer_query(request), request)

        return await self._first(
            _Task(
                operation="answer_query",
                ask=ask,
                fall_back=lambda: builtin.answer(request),
                last_resort=AnswerDraft(answer="That cannot be answered now.", citations=[], confidence=0.0),
                twin_id=twin_id,
            )
        )

    async def close(self) -> None:
        """Let go of operations that came too late, write what is still to be written, close connections."""
        for task in self._late:
            task.cancel()
        if self._ledger is not None:
            await self._ledger.drain()
        if self._on_close is not None:
            await self._on_close()

    async def _first(self, task: _Task[T]) -> Outcome[T]:
        meter, started_s = Meter(), clock.monotonic_s()
        try:
            value = await self._asked(task, meter)
        except ProviderError as error:
            reason = _known(error.reason)
        else:
            self._note(task, "ok", meter=meter, started_s=started_s)
            return Outcome(value=value, source="provider")
        self._note(task, reason, meter=meter, started_s=started_s)
        return Outcome(value=_fallen_back(task), source="fallback", reason=reason)

    async def _asked(self, task: _Task[T], meter: Meter) -> T:
        if self._adapter is None:
            raise ProviderError("not configured")
        # In a task of its own, which can be left behind: a provider's code need not obey when it is cancelled.
        until_s = clock.monotonic_s() + self._deadline_s
        asking = asyncio.create_task(_metered(task, self._adapter, meter))
        try:
            await asyncio.wait({asking}, timeout=self._deadline_s)
        finally:
            self._leave_behind(asking)
        if (reason := _failure_of(asking)) is not None:
            raise ProviderError(reason)
        if clock.monotonic_s() > until_s:
            # It has held up the loop, and with it the alarm.
            raise ProviderError("timeout")
        return asking.result()

    def _leave_behind(self, asking: asyncio.Task[T]) -> None:
        if not asking.done():
            self._late.add(asking)
            asking.add_done_callback(self._forget)
            asking.cancel()

    def _forget(self, asking: asyncio.Task[T]) -> None:
        self._late.discard(asking)
        if not asking.cancelled():
            asking.exception()

    def _note(self, task: _Task[T], outcome: Reason | Literal["ok"], *, meter: Meter, started_s: float) -> None:
        call = Call(
            operation=task.operation,
            outcome=outcome,
            twin_id=task.twin_id,
            model=meter.model,
            attempts=meter.attempts,
            input_tokens=meter.input_tokens,
            output_tokens=meter.output_tokens,
            seconds=clock.monotonic_s() - started_s,
        )
        self._counts.count(call)
        if outcome not in {"ok", "not configured"}:
            _logger.warning("provider.fallback", operation=call.operation, reason=outcome, attempts=call.attempts)
        if self._counts.is_mismatch(call):
            _logger.warning("provider.other_model", operation=call.operation, model=call.model)
        if self._ledger is not None and outcome not in NEVER_ASKED:
            self._ledger.note(call)


async def _metered(task: _Task[T], adapter: Adapter, meter: Meter) -> T:
    metering.use(meter)
    try:
        return await task.ask(adapter)
    except SystemExit:
        # Of a task it would end the process, and the loop before anybody could look at it.
        raise ProviderError("defect") from None


def _failure_of(asking: asyncio.Task[T]) -> Reason | None:
    if not asking.done():
        return "timeout"
    error = asyncio.CancelledError() if asking.cancelled() else asking.exception()
    if error is None:
        return None
    if isinstance(error, KeyboardInterrupt):
        raise error
    if isinstance(error, ProviderError):
        return _known(error.reason)
    if isinstance(error, TimeoutError):
        return "timeout"
    _logger.error("provider.defect", error=type(error).__name__, where=place_of(error))
    return "defect"


def _known(reason: str) -> Reason:
    # Adapters are strangers: what they say goes into logs and answers only when it is one of our words.
    return reason if type(reason) is str and reason in REASONS else "defect"  # type: ignore[return-value]


def _fallen_back(task: _Task[T]) -> T:
    try:
        return task.fall_back()
    except Exception:
        # A request is answered whatever it says.
        _logger.exception("assistant.rules_failed", operation=task.operation)
        return task.last_resort
