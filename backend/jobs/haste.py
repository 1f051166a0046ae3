"""How many jobs a worker may claim ahead: none, unless all that it runs is quick."""

from backend.core.clock import monotonic_s

QUICK_S = 0.25
_ENOUGH = 20
_CAUTION_S = 5.0


class Haste:
    """Remembers how long attempts took.

    A claim costs about as much as a quick job, so that quick jobs are claimed while others still run. A slow job must
    not keep claimed ones waiting that another worker could run; after one, nothing is claimed ahead for a while.
    """

    def __init__(self, *, most: int) -> None:
        """Begin with nothing ahead.

        Args:
            most: How many jobs may be claimed ahead.
        """
        self._most = most
        self._quick = 0
        self._slow_until_s = 0.0

    def note(self, seconds: float) -> None:
        """Note that an attempt has ended.

        Args:
            seconds: How long it took.
        """
        if seconds > QUICK_S:
            self._quick, self._slow_until_s = 0, monotonic_s() + _CAUTION_S
        else:
            self._quick += 1

    @property
    def ahead(self) -> int:
        """Return how many jobs may be claimed ahead now."""
        is_quick = self._quick >= _ENOUGH and monotonic_s() > self._slow_until_s
        return self._most if is_quick else 0
