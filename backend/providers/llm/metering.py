"""What an operation took, told by the adapter while it works.

An adapter's methods take a request and return a payload, whoever it is; what they took goes beside that, in the context
of the task that asks.
"""

import re
from collections.abc import Mapping
from contextvars import ContextVar

_MODEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")
_TOKENS_MAX = 2**31 - 1


class Meter:
    """The sums of one operation.

    Attributes:
        attempts: Requests sent.
        model: The model that the last answer names; None when none did, or not in the form of a name.
        input_tokens: Of all attempts; None when no answer said.
        output_tokens: Of all attempts; None when no answer said.
    """

    def __init__(self) -> None:
        """Begin at nothing."""
        self.attempts = 0
        self.model: str | None = None
        self.input_tokens: int | None = None
        self.output_tokens: int | None = None

    def read(self, envelope: Mapping[str, object]) -> None:
        """Add what an answer says of itself; what is not in the form is not counted.

        Args:
            envelope: The answer, parsed and not checked.
        """
        model, usage = envelope.get("model"), envelope.get("usage")
        if isinstance(model, str) and _MODEL.fullmatch(model):
            self.model = model
        if isinstance(usage, dict):
            self.input_tokens = _sum(self.input_tokens, usage.get("input_tokens"))
            self.output_tokens = _sum(self.output_tokens, usage.get("output_tokens"))


def _sum(so_far: int | None, more: object) -> int | None:
    if type(more) is not int or more < 0:
        return so_far
    return min((so_far or 0) + more, _TOKENS_MAX)


_CURRENT: ContextVar[Meter] = ContextVar("meter")


def use(meter: Meter) -> None:
    """Let everything that this task does be added to a meter.

    Args:
        meter: The sums.
    """
    _CURRENT.set(meter)


def current() -> Meter:
    """Return this task's meter; one that nobody reads when there is none."""
    return _CURRENT.get(None) or Meter()
