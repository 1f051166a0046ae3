"""The port Clock."""

from datetime import timedelta

import pytest

from gonogo.adapters.clock import SystemClock
from gonogo.protocols import Clock
from gonogo.testing import MemoryClock, Scene

pytestmark = pytest.mark.contracts


@pytest.fixture(params=["memory", "real"])
def clock(request: pytest.FixtureRequest) -> Clock:
    """Return a clock."""
    return SystemClock() if request.param == "real" else MemoryClock(Scene())


class TestClock:
    """Time."""

    def test_now_is_aware_utc(self, clock: Clock) -> None:
        """No local times."""
        assert clock.now().utcoffset() == timedelta(0)

    def test_sleep_lets_both_clocks_go_on(self, clock: Clock) -> None:
        """A sleep lasts at least as long as asked for."""
        before = clock.monotonic(), clock.now()

        clock.sleep(0.01)

        assert clock.monotonic() - before[0] >= 0.01
        assert clock.now() > before[1]

    def test_monotonic_does_not_go_back(self, clock: Clock) -> None:
        """Whatever happens to the time of day."""
        times = [clock.monotonic() for _ in range(100)]

        assert times == sorted(times)
