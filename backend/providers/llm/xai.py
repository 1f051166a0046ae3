"""xAI's language model, asked through its Responses API.

Source: docs.x.ai. The three operations share one shape: a schema to answer in, our instructions, and the user's words
as data. Nothing is kept there: `store` is true unless it is sent.
"""

import asyncio
from dataclasses import dataclass, replace
from http import HTTPStatus

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt, wait_random_exponential

from backend.core import clock
from backend.core.logging import get_logger
from backend.providers.http import Answer, HttpClient, NoAnswerError
from backend.providers.llm import metering, prompts, replies
from backend.providers.llm.breaker import Breaker
from backend.providers.llm.errors import ALARMING, TRANSIENT, ProviderError, Reason
from backend.providers.llm.failures import failure_of
from backend.providers.llm.prompts import Prompt
from backend.providers.llm.records import ExtractRequest, PlanRequest, QueryRequest

# A long answer is some 100 kB.
MOST_BYTES = 1_000_000
_LARGER = 3
_UNANSWERED: dict[str, Reason] = {
    "connect": "unreachable",
    "timeout": "timeout",
    "dropped": "dropped",
    "too large": "too large",
}
_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """How long and how often one operation is tried.

    Attributes:
        budget_s: For the whole of it, attempts and pauses included.
        attempts: With one length of answer.
        pause_s: The first pause is drawn from 0 to this, each later one from twice as much.
    """

    budget_s: float
    attempts: int = 3
    pause_s: float = 1.0


class XaiAdapter:
    """Extracts, plans and answers by xAI's language model."""

    def __init__(self, http: HttpClient, *, model: str, patience: Patience, breaker: Breaker) -> None:
        """Keep how it is asked.

        Args:
            http: The way to the API; closed by `close`.
            model: Which model is asked.
            patience: How long and how often.
            breaker: Of this provider, in this process.
        """
        self._http = http
        self._model = model
        self._patience = patience
        self._breaker = breaker

    async def extract_structured_updates(self, request: ExtractRequest) -> object:
        """Return what a thought holds, in the form of ExtractedUpdates.

        Args:
            request: The thought.

        Raises:
            ProviderError: There is no answer.
        """
        return await self._ask(prompts.extraction(request))

    async def rewrite_plan(self, request: PlanRequest) -> object:
        """Return a day, in the form of PlanDraft.

        Args:
            request: What is open.

        Raises:
            ProviderError: There is no answer.
        """
        return await self._ask(prompts.planning(request))

    async def answer_query(self, request: QueryRequest) -> object:
        """Return an answer, in the form of AnswerDraft.

        Args:
            request: The question, and what was found for it.

        Raises:
            ProviderError: There is no answer.
        """
        return await self._ask(prompts.answering(request))

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _ask(self, prompt: Prompt) -> object:
        until_s = clock.monotonic_s() + self._patience.budget_s
        with self._breaker.guard():
            try:
                async with asyncio.timeout(self._patience.budget_s):
                    return await self._ask_for_enough(prompt, until_s)
            except TimeoutError:
                raise ProviderError("timeout") from None

    async def _ask_for_enough(self, prompt: Prompt, until_s: float) -> object:
        try:
            return await self._ask_patiently(prompt, until_s)
        except ProviderError as error:
            if error.reason != "truncated":
                raise
        return await self._ask_patiently(replace(prompt, tokens=prompt.tokens * _LARGER), until_s)

    async def _ask_patiently(self, prompt: Prompt, until_s: float) -> object:
        draw = wait_random_exponential(multiplier=self._patience.pause_s)
        retrying = AsyncRetrying(
            retry=retry_if_exception(lambda error: isinstance(error, ProviderError) and error.reason in TRANSIENT),
            wait=lambda state: max(draw(state), _asked_pause_s(state)),
            # A pause that does not fit is not begun: the answer by rules need not wait for it.
            stop=lambda state: (
                stop_after_attempt(self._patience.attempts)(state)
                or clock.monotonic_s() + state.upcoming_sleep >= until_s
            ),
            reraise=True,
        )
        return await retrying(self._attempt, prompt, until_s)

    async def _attempt(self, prompt: Prompt, until_s: float) -> object:
        meter = metering.current()
        meter.attempts += 1
        try:
            envelope = await self._envelope(prompt, until_s)
            meter.read(envelope)
            return replies.payload_of(envelope)
        except ProviderError as error:
            write = _logger.error if error.reason in ALARMING else _logger.info
            write("provider.attempt_failed", operation=prompt.operation, reason=error.reason)
            raise

    async def _envelope(self, prompt: Prompt, until_s: float) -> dict[str, object]:
        answer = await self._send(self._body(prompt), timeout_s=max(until_s - clock.monotonic_s(), 0.001))
        if answer.status != HTTPStatus.OK:
            raise failure_of(answer, now=clock.now())
        return replies.envelope_of(answer)

    async def _send(self, body: dict[str, object], *, timeout_s: float) -> Answer:
        try:
            return await self._http.request("POST", "/responses", timeout_s=timeout_s, json=body)
        except NoAnswerError as error:
            raise ProviderError(_UNANSWERED.get(error.reason, "dropped")) from None

    def _body(self, prompt: Prompt) -> dict[str, object]:
        form = {"type": "json_schema", "name": prompt.operation, "strict": True, "schema": prompt.schema}
        return {
            "model": self._model,
            "store": False,
            "instructions": prompt.instructions,
            "input": [{"role": "user", "content": prompt.data}],
            "max_output_tokens": prompt.tokens,
            "text": {"format": form},
        }


def _asked_pause_s(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    return (error.retry_after_s or 0.0) if isinstance(error, ProviderError) else 0.0
