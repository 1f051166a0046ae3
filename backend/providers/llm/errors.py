"""Why a provider's answer was not used: few fixed words, and nothing that the provider sent."""

from typing import Literal, get_args

Reason = Literal[
    "not configured",
    "circuit open",
    "timeout",
    "unreachable",
    "dropped",
    "unavailable",
    "rate limited",
    "quota",
    "auth",
    "rejected",
    "too large",
    "invalid response",
    "empty",
    "refused",
    "truncated",
    "unexpected tool",
    "invalid payload",
    "defect",
]
REASONS: frozenset[str] = frozenset(get_args(Reason))
# Worth another attempt: the same request may be answered a moment later.
TRANSIENT: frozenset[Reason] = frozenset({"unreachable", "dropped", "unavailable", "rate limited"})
# Nobody need be asked for a while after many of these in a row.
OUTAGES: frozenset[Reason] = TRANSIENT | {"timeout", "auth", "quota"}
# A person must act; waiting does not help.
ALARMING: frozenset[Reason] = frozenset({"auth", "quota"})


class ProviderError(Exception):
    """No usable answer.

    Attributes:
        reason: For logs, counts and the response.
        retry_after_s: How long the provider asks to be left alone; None when it does not say.
    """

    def __init__(self, reason: Reason, *, retry_after_s: float | None = None) -> None:
        """Keep the reason.

        Args:
            reason: Without anything that the provider sent.
            retry_after_s: How long the provider asks to be left alone.
        """
        super().__init__(reason)
        self.reason: Reason = reason
        self.retry_after_s = retry_after_s
