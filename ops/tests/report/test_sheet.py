"""The page."""

import re
from pathlib import Path

import pytest

from gonogo import report
from gonogo.model import Entry, EntryKind, Request, Severity
from tests.report.samples import PREVIOUS, Page, Story, finding, make_plan, released, rolled_back
from tests.report.samples import request as sent

HOSTILE = """<script>alert(1)</script></title></style><img src=x onerror="a()">' & \x00\x1b[31m \ud800"""
TRAFFIC = [sent(second / 10, failed=second % 40 == 0) for second in range(180)]


def needs_person() -> list[Entry]:
    """Return the entries of a release that a person must end."""
    error = {"reference": "x", "message": "still 502", "where": "", "why": "", "hint": ""}
    story = Story().failed("api-rollout").tell(EntryKind.REVERT_STARTED, "api-rollout")
    story.tell(EntryKind.REVERT_FAILED, "api-rollout", after=2, error=error)
    return story.ended("needs_person", 6, serving=None, reason="it broke", where="api-rollout", hint="read the runbook")


STORIES = {
    "released": released(),
    "rolled-back": rolled_back(),
    "no-go": Story().failed("backup").ended("no_go", 4, serving=PREVIOUS, reason="it broke", where="backup"),
    "needs-person": needs_person(),
    "unfinished": Story().done("preflight").begin("backup").entries,
    "only-started": Story().entries,
    "nothing-to-do": Story().ended("nothing_to_do", 3),
    "hostile": rolled_back(HOSTILE),
}


@pytest.mark.parametrize("traffic", [(), TRAFFIC], ids=["no-traffic", "traffic"])
@pytest.mark.parametrize("entries", STORIES.values(), ids=STORIES)
class TestEveryPage:
    """What holds for every page."""

    def test_it_is_well_formed(self, entries: list[Entry], traffic: list[Request]) -> None:
        """Every element that opens is closed, in order."""
        assert Page(report.page(report.render(entries, traffic))).elements

    def test_it_stands_alone(self, entries: list[Entry], traffic: list[Request]) -> None:
        """Nothing is loaded from anywhere: no link, image, script or import, only references within."""
        markup = report.page(report.render(entries, traffic))
        page = Page(markup)

        assert not {element.name for element in page.elements} & {"script", "link", "img", "iframe", "object", "a"}
        assert not re.search(r"https?://|@import|url\((?!#)", markup)
        assert all(use.attributes["href"].startswith("#") for use in page.find("use"))

    def test_every_drawing_says_what_it_shows(self, entries: list[Entry], traffic: list[Request]) -> None:
        """A lane has a title for those who cannot see it; a mark is hidden from them."""
        page = Page(report.page(report.render(entries, traffic)))
        lanes = [element for element in page.find("svg", "lane") if element.attributes.get("role") == "img"]

        assert len(lanes) <= sum(title.inside[-1] == "svg" for title in page.find("title"))
        assert all(svg.attributes["aria-hidden"] == "true" for svg in page.find("svg", "mark"))

    def test_it_says_how_to_read_it_again(self, entries: list[Entry], traffic: list[Request]) -> None:
        """The command with the release's id stands at the foot."""
        page = Page(report.page(report.render(entries, traffic)))

        (footer,) = page.find("footer")
        assert "invoke deploy.status --release 20261120-120311-k3f9" in footer.text


class TestPage:
    """page."""

    @pytest.mark.parametrize(
        ("name", "title"),
        [
            ("released", "Released"),
            ("rolled-back", "Rolled back"),
            ("no-go", "No-go"),
            ("needs-person", "A person must act"),
            ("unfinished", "Unfinished"),
        ],
    )
    def test_the_verdict_is_the_heading(self, name: str, title: str) -> None:
        """It is the first thing that a reader meets."""
        page = Page(report.page(report.render(STORIES[name])))

        assert [title] == [heading.text for heading in page.find("h1")]

    def test_a_failure_has_step_reason_and_next_command_beside_the_verdict(self) -> None:
        """Nobody scrolls for what to do next."""
        (why,) = Page(report.page(report.render(rolled_back()))).find("dl", "why")

        assert why.text == "StepsmokeReason2 of 14 smoke tests failedNextinvoke deploy.status"

    def test_a_released_page_has_no_reason(self) -> None:
        """What went well needs no excuse."""
        assert not list(Page(report.page(report.render(released()))).find("dl", "why"))

    def test_hostile_text_stays_text(self) -> None:
        """Markup in a message is shown, never obeyed, and nothing unprintable gets through."""
        markup = report.page(report.render(rolled_back(HOSTILE)))

        assert "<script" not in markup
        assert "&lt;script&gt;alert(1)" in markup
        assert not re.search("[\x00-\x08\x0b-\x1f\ud800-\udfff]", markup)

    def test_every_finding_is_on_the_page(self) -> None:
        """Rule, severity in words, message and hint of each of them."""
        told = [finding(f"rule-{severity}", severity, f"message {severity}", "do this") for severity in Severity]
        page = Page(report.page(report.render(Story().done("preflight", findings=told).entries)))

        texts = [item.text for item in page.find("li") if set(item.classes) & {"block", "advise", "info"}]
        assert texts == [
            "blocksrule-blockmessage blockdo this",
            "advisesrule-advisemessage advisedo this",
            "finerule-infomessage infodo this",
        ]

    def test_severities_differ_by_shape(self) -> None:
        """Who sees no colours still tells them apart."""
        told = [finding(f"rule-{severity}", severity) for severity in Severity]
        page = Page(report.page(report.render(Story().done("preflight", findings=told).entries)))

        marks = [use.attributes["href"] for use in page.find("use") if "b" in use.inside]
        assert marks == ["#mark-failed", "#mark-advise", "#mark-done"]

    def test_evidence_is_a_table_with_headers(self) -> None:
        """Each value stands beside its name."""
        page = Page(report.page(report.render(released())))

        tables = [table.text for table in page.find("table", "evidence")]
        assert tables[0] == "EvidenceObservedseenproof of preflight"
        assert len(tables) == 10

    def test_migrations_say_kind_and_way_back(self) -> None:
        """Expand or contract, reversible or not: what a rollback depends on."""
        page = Page(report.page(report.render(released())))

        cells = [cell.text for cell in page.find("td") if "data-label" in cell.attributes]
        assert cells[:3] == ["Add thoughts.language", "expand", "no"]

    def test_a_release_without_migrations_says_so(self) -> None:
        """No table without rows."""
        told = report.render(Story(plan=make_plan(pending=())).entries)

        assert "the schema stays as it is" in report.page(told)

    def test_failed_requests_are_told_in_groups(self) -> None:
        """What was asked, what came back, how often, when, and during which step."""
        page = Page(report.page(report.render(rolled_back(), [sent(11), sent(11.5, failed=True)])))

        (row,) = [row.text for row in page.find("tr") if "502" in row.text]
        assert row == "read502111.5 sAPI rollout"

    def test_it_follows_the_reader_s_light_and_prints(self) -> None:
        """Dark, light and paper each have their colours."""
        markup = report.page(report.render(released()))

        assert "prefers-color-scheme: dark" in markup
        assert "@media print" in markup

    def test_it_can_be_written_to_a_file(self, tmp_path: Path) -> None:
        """Any text that a journal can hold fits into UTF-8."""
        file = tmp_path / "report.html"
        file.write_text(report.page(report.render(rolled_back(HOSTILE), TRAFFIC)), encoding="utf-8")

        assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
