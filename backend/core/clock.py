"""The clock: the only place that asks the machine for the time."""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware and in UTC."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """Return seconds from a clock that never runs backwards, for durations."""
    return time.perf_counter()
