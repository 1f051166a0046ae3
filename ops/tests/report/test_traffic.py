"""The traffic in numbers."""

import pytest

from gonogo import report
from gonogo.report import axis, traffic
from tests.report.samples import released, rolled_back
from tests.report.samples import request as sent


class TestBins:
    """bins."""

    def test_every_request_is_in_one_bin(self) -> None:
        """The first and the last moment included."""
        requests = [sent(second / 7) for second in range(71)]
        told = report.render(released(), requests)

        assert sum(one.count for one in traffic.bins(requests, axis.of(told))) == 71

    def test_a_bin_is_about_a_second(self) -> None:
        """All are equally long, so that none is smaller for being the last."""
        shared = axis.Axis(zero=0, start=0, end=10.4)

        assert {1.04} == {round(one.width_s, 9) for one in traffic.bins([], shared)}

    def test_a_long_release_has_no_more_bins_than_can_be_seen(self) -> None:
        """A day is drawn in six hundred bins."""
        assert len(traffic.bins([], axis.Axis(zero=0, start=0, end=86_400))) == 600

    def test_rates_are_per_second(self) -> None:
        """Whatever a bin's length."""
        found = traffic.bins([sent(1, failed=True), sent(1)], axis.of(report.render(released())))

        assert (found[1].rate, found[1].failed_rate) == (2.0, 1.0)


class TestPercentile:
    """percentile."""

    @pytest.mark.parametrize(
        ("values", "expected"),
        [([], None), ([7.0], 7.0), ([3.0, 1.0, 2.0], 3.0), ([float(n) for n in range(1, 101)], 95.0)],
        ids=["none", "one", "few", "hundred"],
    )
    def test_it_is_a_value_that_occurred(self, values: list[float], expected: float | None) -> None:
        """Nearest rank: nothing is interpolated."""
        assert traffic.percentile(values, 0.95) == expected


class TestFailures:
    """failures."""

    def test_they_name_what_was_going_on(self) -> None:
        """Steps and undoings in whose time one of them failed, the earliest first."""
        told = report.render(rolled_back(), [sent(15, failed=True), sent(18.5, failed=True)])

        (group,) = traffic.failures(told)
        assert group.meanwhile == ("smoke", "worker rollout undone")

    def test_different_answers_are_different_groups(self) -> None:
        """The most frequent first."""
        requests = [sent(1, failed=True, kind="capture"), sent(2, failed=True), sent(3, failed=True), sent(4)]

        found = traffic.failures(report.render(released(), requests))
        assert [(group.kind, group.count) for group in found] == [("read", 2), ("capture", 1)]
