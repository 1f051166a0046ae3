"""How fast the client asks: the budget that it shares is never used up by it, and others are let pass."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.adapters.coolify.endpoints import order
from gonogo.adapters.coolify.pacing import Pace, told_to_wait
from gonogo.testing import MemoryClock, Scene

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HEADERS = st.dictionaries(
    st.sampled_from(["Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "Date"]),
    st.one_of(st.text(max_size=30), st.integers().map(str), st.just("Thu, 01 Jan 2026 00:00:20 GMT")),
)


def polled(headers: Callable[[int], dict[str, str]], *, minutes: int) -> list[float]:
    """Return when each request of a loop that never waits by itself went out."""
    scene, sent = Scene(), list[float]()
    pace = Pace(MemoryClock(scene))
    while scene.seconds < minutes * 60:
        pace.wait()
        sent.append(scene.seconds)
        pace.learn(headers(len(sent)))
        scene.seconds += 0.01
    return sent


def busiest_minute(sent: list[float]) -> int:
    """Return the most requests in any sixty seconds."""
    first, most = 0, 0
    for last, at in enumerate(sent):
        while sent[first] <= at - 60:
            first += 1
        most = max(most, last - first + 1)
    return most


@pytest.mark.parametrize("limit", [None, 200, 60, 10, 1000])
def test_a_poll_loop_never_uses_the_budget_up(limit: int | None) -> None:
    """A quarter of it is left to others of the same user, in every minute of ten."""
    told = {} if limit is None else {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(limit)}

    sent = polled(lambda _: told, minutes=10)[1:]  # the first answer tells the limit

    assert busiest_minute(sent) <= (limit or 200) * 0.75 + 1
    assert len(sent) >= (limit or 200) * 0.3


def test_a_burst_is_free() -> None:
    """Looking around before a release takes no time."""
    assert polled(lambda _: {}, minutes=1)[50] < 1.0


def test_others_are_let_pass() -> None:
    """The less is left, the slower we ask; when others have gone, all is as before."""
    busy = polled(lambda _: {"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "8"}, minutes=5)
    idle = polled(lambda _: {"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "150"}, minutes=5)

    assert len(busy) < len(idle) / 4


def test_a_budget_that_was_told_long_ago_counts_no_more() -> None:
    """Its minute is over."""
    scene = Scene()
    pace = Pace(MemoryClock(scene))
    pace.learn({"X-RateLimit-Limit": "200", "X-RateLimit-Remaining": "0"})
    scene.seconds += 61

    pace.wait()

    assert scene.seconds == 61


@given(headers=HEADERS)
def test_no_header_can_break_the_pace(headers: dict[str, str]) -> None:
    """Whatever stands in it, we neither fail nor wait for ever."""
    scene = Scene()
    pace = Pace(MemoryClock(scene))
    pace.learn(headers)
    pace.wait()
    told = told_to_wait(headers, NOW)

    assert scene.seconds <= 200
    assert told is None or told >= 0


@pytest.mark.parametrize(
    ("lower", "higher"),
    [
        ("4.0.0-beta.99", "4.0.0-beta.420"),
        ("4.0.0-beta.420", "4.0.0-beta.420.2"),
        ("4.0.0-beta.470", "4.0.0"),
        ("v4.3.11", "4.4-rc.1"),
        ("4.4-rc.1", "4.4"),
        ("4.3.9", "4.3.11"),
    ],
)
def test_versions_are_compared_by_number(lower: str, higher: str) -> None:
    """A beta is older than a release candidate, and that older than the version itself."""
    low, high = order(lower), order(higher)

    assert low
    assert high
    assert low < high


def test_a_version_that_nobody_understands_has_no_order() -> None:
    """Nothing is concluded from it."""
    assert order("nightly") is None
