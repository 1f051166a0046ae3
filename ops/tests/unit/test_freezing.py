"""When nothing is released: how it is written, when it holds, what is said."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gonogo import bootstrap, freezing
from gonogo.errors import LockHeldError
from gonogo.freezing import said
from gonogo.model import Freeze, Severity, Verdict
from gonogo.testing import Scene
from tests.unit.releases import CONFIG, executed, planned

WEEKEND = """
[[freeze]]
reason = "nobody is at work"
days = ["fri", "sat", "sun"]
from = "16:00"
to = "08:00"
zone = "Europe/Berlin"
"""
WHOLE_DAYS = '[[freeze]]\nreason = "weekend"\ndays = ["sat", "sun"]'
HOLIDAYS = '[[freeze]]\nreason = "holidays"\nfrom = 2026-12-24\nto = 2026-12-26\nzone = "Europe/Berlin"'
SALE = '[[freeze]]\nreason = "sale"\nfrom = 2026-11-27T08:00:00\nto = 2026-11-30T12:00:00'


def read(text: str) -> tuple[Freeze, ...]:
    """Return the windows of a table that has nothing wrong."""
    problems: list[str] = []
    windows = freezing.read(tomllib.loads(text)["freeze"], "environments.prod.freeze", problems.append)
    assert problems == []
    return windows


def at(text: str) -> datetime:
    """Return a time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment", "holds"),
    [
        (WEEKEND, "2026-01-02T14:59:59", False),  # Friday, 15:59:59 in Berlin
        (WEEKEND, "2026-01-02T15:00:00", True),
        (WEEKEND, "2026-01-03T06:59:59", True),  # Saturday, before 8, of Friday's
        (WEEKEND, "2026-01-03T07:00:00", False),
        (WEEKEND, "2026-01-05T06:00:00", True),  # Monday, before 8, of Sunday's
        (WEEKEND, "2026-01-05T07:00:00", False),
        (WEEKEND, "2026-07-03T14:00:00", True),  # summer time: 16:00 is an hour earlier
        (WEEKEND, "2026-07-03T13:59:00", False),
        (WHOLE_DAYS, "2026-01-02T23:59:59", False),
        (WHOLE_DAYS, "2026-01-03T00:00:00", True),
        (WHOLE_DAYS, "2026-01-04T23:59:59", True),
        (WHOLE_DAYS, "2026-01-05T00:00:00", False),
        (HOLIDAYS, "2026-12-23T22:59:59", False),
        (HOLIDAYS, "2026-12-23T23:00:00", True),  # midnight in Berlin
        (HOLIDAYS, "2026-12-26T22:59:59", True),  # the last day is part of it
        (HOLIDAYS, "2026-12-26T23:00:00", False),
        (SALE, "2026-11-27T07:59:00", False),
        (SALE, "2026-11-30T11:59:00", True),
        (SALE, "2026-11-30T12:00:00", False),
    ],
)
def test_a_window_holds_by_the_clock_on_the_wall_of_its_zone(text: str, moment: str, holds: bool) -> None:
    """Over midnight and over the change of the clocks, too."""
    assert (freezing.frozen(read(text), at(moment)) is not None) == holds


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WEEKEND, "nobody is at work (fri, sat, sun, 16:00 to 08:00 Europe/Berlin)"),
        (WHOLE_DAYS, "weekend (sat, sun, all day UTC)"),
        (SALE, "sale (2026-11-27 08:00 to 2026-11-30 12:00 UTC)"),
    ],
)
def test_a_window_is_said_in_words(text: str, said: str) -> None:
    """Why, when, and whose clock."""
    assert freezing.said(read(text)[0]) == said


def test_a_release_is_refused_with_what_to_do() -> None:
    """Exit code 5, the window, and the one flag that gets past it."""
    with pytest.raises(LockHeldError, match=r"prod is frozen: weekend") as caught:
        freezing.refuse("prod", read(WHOLE_DAYS), at("2026-01-03T12:00:00"))
    assert caught.value.exit_code == 5
    assert caught.value.hint == "wait, or: invoke deploy.prod --during-freeze REASON"
    freezing.refuse("prod", read(WHOLE_DAYS), at("2026-01-05T12:00:00"))


def test_a_reason_is_written_into_the_plan() -> None:
    """Who, what for, and what was set aside; the plan is in the journal."""
    windows, now = read(WHOLE_DAYS), at("2026-01-03T12:00:00")
    (finding,) = freezing.weigh(windows, now, because="customers cannot pay", who="bo@host")
    assert (finding.severity, finding.rule) == (Severity.ADVISE, "freeze")
    assert finding.message.startswith("released by bo@host during the freeze weekend")
    assert finding.message.endswith("because: customers cannot pay")


def test_a_plan_says_that_it_would_be_refused() -> None:
    """Looking is never frozen."""
    (finding,) = freezing.weigh(read(WHOLE_DAYS), at("2026-01-03T12:00:00"), because="", who="bo@host")
    assert "will be refused" in finding.message
    assert freezing.weigh(read(WHOLE_DAYS), at("2026-01-05T12:00:00"), because="", who="bo@host") == ()


def test_a_release_s_plan_is_weighed_at_the_time_of_its_world() -> None:
    """What the plan says is what the journal keeps; without a reason it is refused before it begins."""
    scene = Scene()  # on Thursday, 2026-01-01
    window = Freeze(reason="New Year", zone="UTC", days=frozenset({3}))
    frozen = replace(CONFIG, target=replace(CONFIG.target, freeze=(window,)))
    decided = planned(scene)

    with pytest.raises(LockHeldError, match="New Year"):
        bootstrap.refuse_freeze(frozen, scene.world())
    bootstrap.refuse_freeze(CONFIG, scene.world())
    assert (bootstrap.frozen(frozen, scene.world()), bootstrap.frozen(CONFIG, scene.world())) == (said(window), "")
    weighed = bootstrap.weigh_freeze(frozen, scene.world(), decided, "customers cannot pay")
    state = executed(scene, weighed)

    assert bootstrap.weigh_freeze(CONFIG, scene.world(), decided, "") == decided
    assert state.verdict is Verdict.RELEASED
    assert "because: customers cannot pay" in state.steps["preflight"].findings[-1].message


def test_every_problem_is_told_at_once() -> None:
    """With its place; one wrong window does not hide another."""
    text = """
    [[freeze]]
    days = ["saturday"]
    from = "25:00"
    zone = "Mars/Olympus"
    until = "08:00"
    [[freeze]]
    reason = "never ends"
    from = 2026-12-24
    [[freeze]]
    reason = "backwards"
    from = 2026-12-26
    to = 2026-12-24
    """
    problems: list[str] = []
    assert freezing.read(tomllib.loads(text)["freeze"], "e.freeze", problems.append) == ()
    assert [problem.split(" must ")[0].split(" is ")[0] for problem in problems] == [
        "e.freeze[1].days",
        "e.freeze[1].from",
        "e.freeze[1].reason",
        "e.freeze[1].until",
        "e.freeze[1].zone 'Mars/Olympus'",
        "e.freeze[2].to",
        "e.freeze[3].to",
    ]


@pytest.mark.parametrize("given", ["sat", {"days": ["sat"]}, [1]])
def test_what_is_no_list_of_tables_is_told(given: object) -> None:
    """With how to write it."""
    problems: list[str] = []
    assert freezing.read(given, "environments.prod.freeze", problems.append) == ()
    assert problems == ["environments.prod.freeze must be a list of tables: write [[environments.prod.freeze]]"]
