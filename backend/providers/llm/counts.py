"""What is counted of the assistant, for Prometheus; labels are bounded: operations and reasons."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from backend.providers.llm.breaker import Circuit
from backend.providers.llm.errors import Reason

Operation = Literal["extract_structured_updates", "rewrite_plan", "answer_query"]
NEVER_ASKED: frozenset[str] = frozenset({"not configured", "circuit open"})
_BUCKETS_S = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 60.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One operation that came to its end.

    Attributes:
        operation: Which one.
        outcome: ok, or why the built-in rules answered.
        twin_id: For whom; None for the service itself.
        model: The model that the provider says it used; None when it did not say.
        attempts: Requests sent; 0 when nobody was asked.
        input_tokens: Of all attempts; None when the provider did not say.
        output_tokens: Of all attempts; None when the provider did not say.
        seconds: How long it took, attempts and pauses included.
    """

    operation: Operation
    outcome: Reason | Literal["ok"]
    twin_id: UUID | None
    model: str | None
    attempts: int
    input_tokens: int | None
    output_tokens: int | None
    seconds: float


class AssistantCounts:
    """The counts of one process."""

    def __init__(self, registry: CollectorRegistry | None = None, *, model: str | None = None) -> None:
        """Begin at zero.

        Args:
            registry: Where they are shown; None shows them to nobody.
            model: The model that is asked for; None when none is. A name that ends in -latest stands for any.
        """
        registry = registry or CollectorRegistry()
        self._model = None if model is None or model.endswith("-latest") else model
        self._outcomes = Counter(
            "assistant_outcomes_total",
            "Operations, by how the provider answered",
            ("operation", "outcome"),
            registry=registry,
        )
        self._seconds = Histogram(
            "provider_call_seconds", "Time that a provider took", ("operation",), buckets=_BUCKETS_S, registry=registry
        )
        self._tokens = Counter("provider_tokens_total", "Tokens that were billed", ("direction",), registry=registry)
        self._mismatches = Counter(
            "provider_model_mismatches_total", "Answers by another model than the one asked for", registry=registry
        )
        self._circuit = Gauge("provider_circuit", "0 closed, 1 half open, 2 open: nobody is asked", registry=registry)

    def count(self, call: Call) -> None:
        """Count one operation.

        Args:
            call: How it ended.
        """
        self._outcomes.labels(call.operation, call.outcome).inc()
        if call.outcome not in NEVER_ASKED:
            self._seconds.labels(call.operation).observe(call.seconds)
        self._tokens.labels("input").inc(call.input_tokens or 0)
        self._tokens.labels("output").inc(call.output_tokens or 0)
        if self.is_mismatch(call):
            self._mismatches.inc()

    def is_mismatch(self, call: Call) -> bool:
        """Return whether another model has answered than the one asked for.

        Args:
            call: How it ended.
        """
        return None not in (self._model, call.model) and call.model != self._model

    def show_circuit(self, circuit: Circuit) -> None:
        """Show how the circuit stands.

        Args:
            circuit: How.
        """
        self._circuit.set(circuit)
