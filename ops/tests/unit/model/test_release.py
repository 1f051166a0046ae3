"""A report's figures."""

from datetime import UTC, datetime, timedelta

import pytest

from gonogo.model import Report, Request, Verdict

START = datetime(2026, 1, 1, tzinfo=UTC)


def _report(ended_at: datetime | None, requests: tuple[Request, ...] = ()) -> Report:
    """Return a report that is otherwise empty."""
    return Report(
        release_id="x",
        environment="prod",
        verdict=Verdict.RELEASED,
        exit_code=0,
        reason="",
        where="",
        hint="",
        previous_commit=None,
        target_commit="c",
        subject="",
        serving_commit=None,
        started_at=START,
        ended_at=ended_at,
        steps=(),
        pending=(),
        way_back="",
        requests=requests,
    )


@pytest.mark.parametrize(("ended_at", "seconds"), [(START + timedelta(seconds=2.5), 2.5), (None, 0.0)])
def test_a_release_lasts_from_its_start_to_its_end(ended_at: datetime | None, seconds: float) -> None:
    """No time at all while it runs."""
    assert _report(ended_at).duration_s == seconds


def test_failed_requests_are_counted() -> None:
    """Among all of them."""
    good, bad = (Request(at=0.0, ms=1.0, status=200, failed=failed, kind="read") for failed in (False, True))
    assert _report(START, (good, bad, bad)).requests_failed == 2
