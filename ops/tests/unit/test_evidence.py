"""Good, bad, or too little to say: the statistics of the bake."""

from dataclasses import replace
from math import comb, isclose
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo import evidence
from gonogo.evidence import Seen, Weight
from gonogo.model import Limits

LIMITS = Limits()
# A watch without a flaw.
GOOD = Seen(watched_s=300.0, probes=600, canaries=5, looks=60, workers=2, jobs_ended=50, ready=1, restarts=0)


def _weights(**seen: Any) -> dict[str, Weight]:
    """Return the signals that are not good after a watch that was, but for this."""
    judged = evidence.judge(replace(GOOD, **seen), LIMITS)
    return {each.signal: each.weight for each in judged if each.weight is not Weight.GOOD}


def _words(signal: str, **seen: Any) -> str:
    """Return what one signal says."""
    return next(each.words for each in evidence.judge(replace(GOOD, **seen), LIMITS) if each.signal == signal)


@given(st.integers(1, 60), st.integers(0, 60), st.floats(0.001, 0.999))
def test_the_tail_is_the_binomials(total: int, bad: int, share: float) -> None:
    """Term by term."""
    bad = min(bad, total)
    exact = sum(comb(total, count) * share**count * (1 - share) ** (total - count) for count in range(bad, total + 1))
    assert isclose(evidence.at_least(bad, total, share), min(1.0, exact), rel_tol=1e-6, abs_tol=1e-12)


@given(st.integers(1, 5000), st.floats(0.0, 1.0))
def test_the_upper_bound_is_above_what_was_seen(total: int, part: float) -> None:
    """And no share is above one."""
    bad = round(part * total)
    assert bad / total <= evidence.at_most(bad, total) + 1e-9 <= 1.0 + 2e-9


@given(st.integers(0, 400), st.integers(0, 400), st.floats(0.0, 1.0))
def test_more_failures_never_make_it_better(total: int, bad: int, allowed: float) -> None:
    """Good, too little, bad: in this order."""
    order = [Weight.GOOD, Weight.THIN, Weight.BAD]
    weights = [
        order.index(evidence.weigh(min(count, total), total, allowed, enough=100, fewest=10))
        for count in (bad, bad + 1)
    ]
    assert weights == sorted(weights)


@given(st.integers(0, 9), st.integers(0, 9))
def test_a_handful_says_nothing(total: int, bad: int) -> None:
    """Neither for nor against."""
    assert evidence.weigh(min(bad, total), total, 0.01, enough=100, fewest=10) is Weight.THIN


@pytest.mark.parametrize(
    ("bad", "total", "weight"),
    [
        (1, 3, Weight.THIN),
        (3, 3, Weight.THIN),
        (1, 10, Weight.THIN),
        (2, 10, Weight.BAD),
        (10, 10, Weight.BAD),
        (0, 99, Weight.THIN),
        (0, 100, Weight.GOOD),
        (1, 100, Weight.GOOD),
        (2, 100, Weight.THIN),
        (4, 100, Weight.BAD),
        (6, 600, Weight.GOOD),
        (7, 600, Weight.THIN),
        (12, 600, Weight.BAD),
    ],
)
def test_how_many_of_how_many_is_which(bad: int, total: int, weight: Weight) -> None:
    """One percent is allowed; a hundred are enough to acquit, ten to condemn."""
    assert evidence.weigh(bad, total, 0.01, enough=100, fewest=10) is weight


def test_where_nothing_may_fail_one_failure_condemns() -> None:
    """And none acquits."""
    assert evidence.weigh(1, 200, 0.0, enough=100, fewest=10) is Weight.BAD
    assert evidence.weigh(0, 200, 0.0, enough=100, fewest=10) is Weight.GOOD


def test_a_watch_without_a_flaw_is_good() -> None:
    """On every signal."""
    assert _weights() == {}


@pytest.mark.parametrize(
    ("seen", "signal", "weight"),
    [
        ({"bad": 40, "why_bad": "redis: refused"}, "probes", Weight.BAD),
        ({"probes": 3, "bad": 1, "slow": 0}, "probes", Weight.THIN),
        ({"slow": 60}, "latency", Weight.BAD),
        ({"slow": 32}, "latency", Weight.THIN),
        ({"unsent": True}, "requests", Weight.BAD),
        ({"requests": 1000, "requests_failed": 40}, "requests", Weight.BAD),
        ({"requests": 3, "requests_failed": 1}, "requests", Weight.THIN),
        ({"canaries": 0}, "canary jobs", Weight.THIN),
        ({"canaries": 5, "canaries_bad": 1}, "canary jobs", Weight.THIN),
        ({"canaries": 5, "canaries_bad": 2}, "canary jobs", Weight.BAD),
        ({"jobs_failed": 12}, "jobs", Weight.BAD),
        ({"jobs_ended": 3, "jobs_failed": 1}, "jobs", Weight.THIN),
        ({"oldest_s": 601.0}, "queue", Weight.BAD),
        ({"ready": 90, "ready_before": 2, "jobs_ended": 40}, "queue", Weight.BAD),
        ({"workers": 0}, "workers", Weight.BAD),
        ({"replaced": 2}, "workers", Weight.BAD),
        ({"looks_without": 2}, "workers", Weight.BAD),
        ({"strangers": "a0b1"}, "workers", Weight.BAD),
        ({"restarts": 2}, "restarts", Weight.BAD),
    ],
)
def test_each_signal_condemns_or_doubts(seen: dict[str, Any], signal: str, weight: Weight) -> None:
    """By its own counts."""
    assert _weights(**seen)[signal] is weight


@pytest.mark.parametrize(
    "seen",
    [
        {"oldest_s": 700.0, "oldest_before_s": 650.0},
        {"ready": 90, "ready_before": 2, "jobs_ended": 100},
        {"ready": 19, "jobs_ended": 0},
        {"requests": 2},
        {"jobs_ended": 0},
        {"restarts": None},
        {"queue_problem": "the schema is older"},
    ],
)
def test_what_was_so_before_or_cannot_be_read_is_not_held_against_the_release(seen: dict[str, Any]) -> None:
    """It is told."""
    assert _weights(**seen) == {}


@pytest.mark.parametrize(
    "seen",
    [
        {"oldest_s": 700.0, "oldest_before_s": 650.0},
        {"replaced": 1},
        {"looks_without": 1},
        {"restarts": 1},
        {"queue_problem": "the schema is older"},
    ],
)
def test_what_is_good_and_odd_is_told(seen: dict[str, Any]) -> None:
    """Once each."""
    assert len([each.odd for each in evidence.judge(replace(GOOD, **seen), LIMITS) if each.odd]) == 1


def test_the_words_say_what_was_held_against_what() -> None:
    """With the bound where it is good, and with why where it is not."""
    assert _words("probes") == "0 of 600 failed, 1.0% allowed; by 95 of 100 no more than 0.4% do"
    assert _words("probes", bad=40, why_bad="redis: refused").endswith("1.0% allowed; the first: redis: refused")
    assert _words("probes", probes=3).endswith("100 are wanted")


def test_a_release_is_lost_early_only_beyond_doubt() -> None:
    """It is judged again and again, so chance gets more chances."""
    assert not evidence.is_lost(replace(GOOD, probes=10, bad=2), LIMITS)
    assert evidence.is_lost(replace(GOOD, probes=10, bad=10), LIMITS)
    assert not evidence.is_lost(GOOD, LIMITS)


@pytest.mark.parametrize(("before", "now", "told"), [(10.0, 59.0, False), (10.0, 61.0, True), (100.0, 299.0, False)])
def test_slower_by_much_is_worth_a_word(before: float, now: float, told: bool) -> None:
    """Three times as slow and fifty milliseconds; without a measure of before there is none."""
    assert bool(evidence.slower(replace(GOOD, median_ms=now), before)) is told
    assert evidence.slower(replace(GOOD, median_ms=now), None) == ""


def test_notes_of_another_version_are_read() -> None:
    """Keys that are gone are left out, keys that are new have their defaults."""
    assert evidence.of_notes({"probes": 3, "beating": 1}) == Seen(probes=3)
