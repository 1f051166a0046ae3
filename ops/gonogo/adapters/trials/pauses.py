"""Time without the moments in which a migration stood still for us."""

from bisect import bisect_right


class Pauses:
    """When a migration stood still; noted in order."""

    def __init__(self) -> None:
        """Begin without one."""
        self._starts: list[float] = []
        self._ends: list[float] = []
        self._lost: list[float] = [0.0]

    def note(self, began: float, ended: float) -> None:
        """Note that it stood still from one moment to another of the monotonic clock."""
        self._starts.append(began)
        self._ends.append(max(began, ended))
        self._lost.append(self._lost[-1] + self._ends[-1] - began)

    def moved(self, at: float) -> float:
        """Return a moment on a clock that stands still with the migration."""
        index = bisect_right(self._starts, at)
        if index == 0:
            return at
        return at - self._lost[index - 1] - (min(at, self._ends[index - 1]) - self._starts[index - 1])

    def between(self, began: float, ended: float) -> float:
        """Return how many seconds it moved between two moments."""
        return max(0.0, self.moved(ended) - self.moved(began))
