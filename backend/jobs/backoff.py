"""How long a failed job waits: exponentially longer, with full jitter."""

from datetime import timedelta
from secrets import SystemRandom

FIRST = timedelta(seconds=2)
LONGEST = timedelta(minutes=10)
_random = SystemRandom()


def longest_delay(attempt: int) -> timedelta:
    """Return the most that a job waits after an attempt: twice as long each time, up to a limit.

    Args:
        attempt: The attempt that failed, from 1.
    """
    return min(LONGEST, FIRST * (1 << min(attempt - 1, 30)))


def delay(attempt: int) -> timedelta:
    """Return how long a job waits: anything up to the most, so that what failed together does not come back together.

    Args:
        attempt: The attempt that failed, from 1.
    """
    return longest_delay(attempt) * _random.random()
