"""The timeline and the plotted traffic: what is drawn where."""

import itertools

import pytest

from gonogo import report
from gonogo.model import Entry, Request
from gonogo.report import axis, plot, timeline
from tests.report.samples import START, Element, Page, Story, released, rolled_back
from tests.report.samples import request as sent


def drawn(entries: list[Entry], traffic: list[Request] | None = None) -> tuple[Page, Page]:
    """Return the parsed timeline and the parsed plot of a release."""
    told = report.render(entries, traffic or [sent(1)])
    return Page(timeline.draw(told, axis.of(told))), Page(plot.draw(told, axis.of(told)))


def percent(element: Element, name: str) -> float:
    """Return an attribute that is a share of the drawing's width."""
    return float(element.attributes[name].removesuffix("%"))


def bars(page: Page) -> list[Element]:
    """Return the bars of a figure, its legend left out."""
    return [bar for bar in page.find("rect", "bar") if "figcaption" not in bar.inside]


class TestTimeline:
    """timeline.draw."""

    def test_bars_are_as_long_as_their_seconds(self) -> None:
        """Widths are in proportion, whatever the step."""
        page, _ = drawn(rolled_back())

        widths = [percent(bar, "width") for bar in bars(page)]
        assert [round(width / widths[0], 2) for width in widths] == [1, 1, 1, 1, 1, 1, 1.5, 1, 0.5, 2]

    def test_bars_start_where_their_steps_did(self) -> None:
        """A step that began half-way stands half-way."""
        page, _ = drawn(released())

        assert [round(percent(bar, "x")) for bar in bars(page)] == [0, 10, 20, 30, 40, 50, 60, 70, 80, 90]

    def test_undoing_is_drawn_apart(self) -> None:
        """A revert has its own bar in another kind, later in the same row."""
        page, _ = drawn(rolled_back())

        assert [bar.classes for bar in bars(page)].count(["bar", "undone"]) == 2

    def test_the_failed_step_stands_out(self) -> None:
        """Its bar and its word say so."""
        page, _ = drawn(rolled_back())

        assert [bar.classes[1] for bar in bars(page)].count("failed") == 1
        assert [small.text for small in page.find("small", "failed")] == ["failed"]

    def test_a_step_too_short_to_see_keeps_an_edge(self) -> None:
        """Every bar has a line of fixed width at its start."""
        story = Story().done("preflight", 0.001).done("backup", 600)
        page, _ = drawn(story.entries)

        assert percent(bars(page)[0], "width") < 0.01
        assert len(list(page.find("line", "edge"))) == len(bars(page)) == 2

    def test_every_step_has_a_row_with_its_seconds(self) -> None:
        """Those that did not run say that instead."""
        page, _ = drawn(rolled_back())

        readings = [cell.text for cell in page.find("td", "reading")]
        assert readings == ["2.0 s"] * 5 + ["2.0 s3.0 s", "2.0 s1.0 s", "4.0 s", "not run", "not run"]

    def test_the_legend_explains_the_kinds_that_occur(self) -> None:
        """No colour without its meaning, no meaning without its colour."""
        page, _ = drawn(rolled_back())

        assert [one.text for one in page.find("li")] == ["done", "failed", "undone", "API or worker being exchanged"]


class TestPlot:
    """plot.draw."""

    def test_it_shares_the_timeline_s_axis(self) -> None:
        """A moment stands at the same place in both figures."""
        steps, traffic = drawn(rolled_back())

        places = [[percent(line, "x1") for line in page.find("line", "grid")] for page in (steps, traffic)]
        assert set(places[0]) == set(places[1])

    def test_rollouts_and_their_undoing_are_shaded_and_named(self) -> None:
        """Each band has its label."""
        _, page = drawn(rolled_back())

        labels = [text.text for text in page.find("text", "band")]
        assert labels == ["API rollout", "worker rollout", "worker rollout undone", "API rollout undone"]

    def test_bands_lie_where_the_rollouts_were(self) -> None:
        """The API's band begins with its step and is as wide."""
        _, page = drawn(rolled_back())

        band = next(page.find("rect", "shade"))
        assert (round(percent(band, "x"), 1), round(percent(band, "width"), 1)) == (45.5, 9.1)

    def test_failed_requests_are_marked_with_their_count(self) -> None:
        """A red mark per bin, a count per group, the sum beside the lane."""
        failing = [sent(2, failed=True), sent(2.1, failed=True), sent(18, failed=True)]
        _, page = drawn(rolled_back(), [sent(1), *failing])

        assert len(list(page.find("path", "failure"))) == 2
        assert [text.text for text in page.find("text", "count")] == ["2", "1"]
        assert [cell.text for cell in page.find("td", "failed")] == ["3"]

    def test_without_failures_it_says_so(self) -> None:
        """An empty lane is not left to be guessed at."""
        _, page = drawn(released())

        assert [text.text for text in page.find("text", "dim")] == ["none failed"]

    def test_counts_never_stand_closer_than_they_are_wide(self) -> None:
        """However many bins fail, counts keep a distance."""
        failing = [sent(second / 3, failed=True) for second in range(60)]
        _, page = drawn(rolled_back(), failing)

        places = [percent(text, "x") for text in page.find("text", "count")]
        assert min(b - a for a, b in itertools.pairwise(places)) >= 12

    def test_the_line_breaks_where_nothing_was_sent(self) -> None:
        """No latency is made up for a silent second."""
        _, page = drawn(released(), [sent(0.5), sent(1.5), sent(8.5)])

        (line,) = page.find("path", "latency")
        assert line.attributes["d"].count("M") == 2

    def test_the_caption_sums_the_traffic_up(self) -> None:
        """Count, failures, percentiles, the slowest."""
        requests = [sent(1, ms=4), sent(2, ms=6), sent(3, ms=1500, failed=True)]

        said = "3 requests, 1 failed; half within 6.0 ms, 95 % within 1.5 s, the slowest 1.5 s."
        assert plot.summary(requests) == said


class TestAxis:
    """axis."""

    def test_it_holds_traffic_from_before_the_start(self) -> None:
        """Traffic that ran earlier is drawn left of zero."""
        shared = axis.of(report.render(released(), [sent(-5)]))

        assert shared.start == START.timestamp() - 5
        assert shared.x(shared.zero) == pytest.approx(100 / 3)

    @pytest.mark.parametrize("span", [0.3, 1, 2.3, 9.9, 31, 61, 299, 1243, 5000, 90_000, 400_000])
    def test_labels_are_few_and_never_the_same(self, span: float) -> None:
        """At most six on a narrow page, thirteen on a wide one, each at its own time."""
        ticks = axis.Axis(zero=100.0, start=100.0, end=100.0 + span).ticks()

        labels = [tick.label for tick in ticks]
        assert len(set(labels)) == len(labels) <= 13
        assert 1 <= sum(not tick.fine for tick in ticks) <= 6

    def test_times_read_as_minutes_and_seconds(self) -> None:
        """Zero is the release's start."""
        ticks = axis.Axis(zero=60.0, start=0.0, end=180.0).ticks()

        labels = [tick.label for tick in ticks if not tick.fine]
        assert labels == ["\N{MINUS SIGN}1:00", "0:00", "1:00", "2:00"]
