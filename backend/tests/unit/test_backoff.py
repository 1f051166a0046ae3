"""What failed together does not come back together."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.jobs import backoff
from backend.jobs.haste import QUICK_S, Haste


class TestDelay:
    """Exponential, with full jitter."""

    @pytest.mark.parametrize(("attempt", "seconds"), [(1, 2), (2, 4), (5, 32), (50, 600)])
    def test_most_doubles_up_to_a_limit(self, attempt: int, seconds: int) -> None:
        """The longest wait doubles with each attempt, up to ten minutes."""
        assert timedelta(seconds=seconds) == backoff.longest_delay(attempt)

    @given(st.integers(min_value=1, max_value=10_000))
    def test_is_anything_up_to_the_most(self, attempt: int) -> None:
        """A wait is never longer than the longest, never negative."""
        assert timedelta() <= backoff.delay(attempt) <= backoff.longest_delay(attempt)

    def test_differs(self) -> None:
        """Two jobs that failed at once wait differently."""
        assert len({backoff.delay(5) for _ in range(10)}) > 1


class TestHaste:
    """Nothing is claimed ahead of slow jobs."""

    def test_only_quick_jobs_are_claimed_ahead(self) -> None:
        """After enough quick attempts something is claimed ahead; one slow attempt ends that."""
        haste = Haste(most=7)
        at_first = haste.ahead
        for _ in range(20):
            haste.note(QUICK_S / 2)
        when_quick = haste.ahead
        haste.note(QUICK_S * 2)

        assert (at_first, when_quick, haste.ahead) == (0, 7, 0)
