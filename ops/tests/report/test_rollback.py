"""A rollback told: it is not called a release, and what going back costs is said everywhere."""

import re
from dataclasses import replace

import pytest

from gonogo import report
from gonogo.model import Entry, Forecast, Plan, PlanKind, WayBack
from gonogo.report import lines, progress, words
from tests.report.samples import MIGRATION, PREVIOUS, TARGET, Page, Story, make_plan

FORECAST = Forecast(verdict=WayBack.SAFE, reasons=("No migration lies between.",))
STUCK = Forecast(verdict=WayBack.IMPOSSIBLE, reasons=("It stays.",), instead="roll forward: invoke deploy.plan")


def rollback(**changes: object) -> Plan:
    """Return the plan of a rollback."""
    plan = replace(
        make_plan(pending=()), kind=PlanKind.ROLLBACK, forecast=FORECAST, way_back="if it fails: deploy it again"
    )
    return replace(plan, **changes)  # type: ignore[arg-type]  # by name


def ended(verdict: str, code: int, *, serving: str = TARGET) -> list[Entry]:
    """Return the entries of a rollback."""
    return Story(plan=rollback()).done("preflight").ended(verdict, code, serving=serving)


@pytest.mark.parametrize(
    ("verdict", "code", "serving", "words_said"),
    [
        ("released", 0, TARGET, "Gone back. prod serves the earlier version 9f8e7d6c5b4a, observed at the end."),
        ("rolled_back", 1, PREVIOUS, "Rollback undone. The rollback failed and was undone: prod serves 1a2b3c4d5e6f"),
        ("needs_person", 6, TARGET, "A person must act. The rollback failed and is not proven to be undone."),
        ("no_go", 4, PREVIOUS, "No-go. A gate said no. Nothing has changed"),
    ],
)
def test_its_end_is_its_own(verdict: str, code: int, serving: str, words_said: str) -> None:
    """In the terminal, in the log and on the page."""
    told = report.render(ended(verdict, code, serving=serving))
    assert lines.of_verdict(told, "x")[0].text.startswith(words_said)
    title = words_said.partition(".")[0]
    assert title.lower() in report.text(told)
    assert [each.text for each in Page(report.page(told)).find("h1")] == [title]
    assert "Rollback of prod" in report.page(told)


def test_its_document_has_its_kind_and_what_it_was_said_to_cost() -> None:
    """Programs tell the two apart by one key."""
    made = report.document(report.render(ended("released", 0)), page="x")
    assert (made["kind"], made["verdict"], made["exit_code"]) == ("rollback", "released", 0)
    assert made["forecast"] == {"verdict": "safe", "reasons": ["No migration lies between."], "instead": ""}


def test_a_release_without_a_forecast_is_told_as_ever() -> None:
    """Those that were written down before there was one."""
    told = report.render(Story().ended("released", 0))
    assert report.document(told, page="x")["forecast"] is None
    assert "Both applications return to the version before." in report.page(told)
    assert not [line for line in lines.of_verdict(told, "x") if line.label == "way back"]


def test_its_plan_says_what_it_is_and_what_comes_of_the_schema() -> None:
    """Migrations in between are applied already."""
    plan = rollback(pending=(MIGRATION,), start_revision="b", target_revision="b")
    told = lines.plain(lines.of_plan(plan))
    assert "Rollback of prod: 1a2b3c4d5e6f → 9f8e7d6c5b4a" in told
    assert "b → the same: it stays" in told
    assert re.search(r"^applied since +202611200900 ", told, re.MULTILINE)
    assert "b → a\n" in lines.plain(lines.of_plan(replace(plan, target_revision="a", schema_commit=PREVIOUS)))


@pytest.mark.parametrize("verdict", WayBack)
def test_a_plan_says_the_verdict_of_its_way_back(verdict: WayBack) -> None:
    """With the reasons, how it is done, and what to do instead."""
    said = Forecast(verdict=verdict, reasons=("One.", "Two."), instead="roll forward")
    told = lines.plain(lines.of_plan(replace(make_plan(), forecast=said)))
    assert f"{words.WAYS_BACK[verdict]}: One. Two." in told
    assert "Both applications return to the version before." in told
    assert "instead" in told


def test_a_release_that_went_through_says_how_to_go_back() -> None:
    """The next command of somebody who sees that it was wrong."""
    plan = replace(make_plan(), forecast=FORECAST)
    told = {
        line.label: line.text for line in lines.of_verdict(report.render(Story(plan=plan).ended("released", 0)), "x")
    }
    assert told["way back"] == "safe: invoke deploy.rollback --env prod --dry-run"


def test_the_page_says_why_there_is_no_way_back_and_what_to_do() -> None:
    """Verdict by shape and word, reasons as a list."""
    plan = replace(make_plan(), forecast=STUCK)
    page = report.page(report.render(Story(plan=plan).ended("released", 0)))
    assert "impossible" in [each.text for each in Page(page).find("strong")]
    assert "It stays." in [each.text for each in Page(page).find("li")]
    assert "Instead: roll forward: invoke deploy.plan" in [each.text for each in Page(page).find("p")]


def test_a_running_rollback_is_called_so() -> None:
    """Line by line."""
    story = Story(plan=rollback())
    state = progress.begin(story.plan)
    (head,) = progress.event(story.entries[0], state)
    assert "rollback        begins" in head
    assert f"prod: back from {PREVIOUS[:12]} to {TARGET[:12]}" in head
    end = story.ended("released", 0)[-1]
    assert progress.event(end, progress.advance(state, end))[0].endswith("gone back")
