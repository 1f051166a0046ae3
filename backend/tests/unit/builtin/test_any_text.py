"""Any text gets an answer in the strict form, quickly."""

import time
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.providers.llm import boundary
from backend.providers.llm.builtin import answer, extract, plan
from backend.providers.llm.records import ExtractRequest, OpenTask, Passage, PlanRequest, QueryRequest
from backend.tests.unit.builtin.tables import NOW

LONGEST = 20_000
# A slow machine under load gets room; a pattern that goes back and forth over a long text takes minutes.
CPU_SECONDS = 1.0
SCRAPS = st.sampled_from(
    [
        "call ",
        "Anna ",
        "and ",
        "tomorrow ",
        "next ",
        "Friday ",
        "at ",
        "25:00 ",
        "12/24 ",
        "31.2. ",
        "every ",
        "in ",
        "9",
        "99 years ",
        "#",
        "@",
        "p1 ",
        "- [ ] ",
        "```",
        '"',
        "“",
        "!!\n",
        "30 min ",
        "(",
        ")",
        "due ",
        "?",
        "todo: ",
        "idea: ",
        "İ",
        "ß",
        "\x00",
        "�",
    ]
)
ANY = st.one_of(st.text(st.characters(), max_size=300), st.lists(SCRAPS, max_size=60).map("".join))
MOMENTS = st.datetimes(
    datetime(1980, 1, 1),  # noqa: DTZ001  # the strategy adds the zone
    datetime(2150, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, NOW.tzinfo]),
)
NAMES = st.lists(st.text(st.characters(), max_size=30), max_size=5).map(tuple)
ZONES = st.sampled_from(["Europe/Berlin", "Pacific/Apia", "UTC", "No/Where", "", "\x00"])


@settings(max_examples=150, deadline=None)
@given(text=ANY, now=MOMENTS, zone=ZONES, projects=NAMES, people=NAMES)
def test_any_thought_gives_findings(
    text: str, now: datetime, zone: str, projects: tuple[str, ...], people: tuple[str, ...]
) -> None:
    """Whatever was captured, whenever and wherever; what is found passes the boundary as a provider's answer must."""
    request = ExtractRequest(text=text, now=now, timezone=zone, projects=projects, people=people)
    found = extract(request)

    assert boundary.extracted(found.model_dump(mode="json"), request) == found
    assert all(task.due_on for task in found.tasks if task.due_at)


@settings(max_examples=100, deadline=None)
@given(question=ANY, texts=st.lists(ANY, max_size=6), now=MOMENTS, zone=ZONES, rank=st.floats())
def test_any_question_gets_an_answer(question: str, texts: list[str], now: datetime, zone: str, rank: float) -> None:
    """It is never empty, is bounded, and rests on what was given."""
    passages = tuple(
        Passage(id=UUID(int=number), kind="thought" if number % 2 else "task", text=text, created_at=now, rank=rank)
        for number, text in enumerate(texts)
    )
    request = QueryRequest(question=question, now=now, timezone=zone, passages=passages)
    draft = answer(request)

    assert boundary.answered(draft.model_dump(), request) == draft
    assert len(draft.answer) < 8_000
    assert bool(draft.citations) <= (draft.confidence > 0)


TASKS = st.builds(
    OpenTask,
    id=st.uuids(),
    title=st.text(max_size=20),
    priority=st.integers(-5, 9),
    due_on=st.none() | st.dates(),
    due_at=st.none() | MOMENTS,
    estimate_minutes=st.none() | st.integers(-10, 20_000),
)


@settings(max_examples=100, deadline=None)
@given(tasks=st.lists(TASKS, max_size=30, unique_by=lambda each: each.id), day=st.dates(), now=MOMENTS, zone=ZONES)
def test_any_tasks_make_a_plan(tasks: list[OpenTask], day: object, now: datetime, zone: str) -> None:
    """Some of the tasks, each once, in the same order however they were given."""
    request = PlanRequest(day=day, now=now, timezone=zone, tasks=tuple(tasks))  # type: ignore[arg-type]
    turned = PlanRequest(day=day, now=now, timezone=zone, tasks=tuple(reversed(tasks)))  # type: ignore[arg-type]
    draft = plan(request)

    assert boundary.planned(draft.model_dump(), request) == draft == plan(turned)


@pytest.mark.parametrize(
    "piece",
    [
        "We talked for a long while about the weather. ",
        "word ",
        "today ",
        "buy milk tomorrow and call Anna. ",
        "1.2.3 ",
        " ",
        "a",
        '"',
        "“",
        "`a",
        "a@\n",
        "#a ",
        "Anna and ",
        "every monday and ",
        "need to ",
        "in 3 ",
        "(",
        "- ",
        "\n",
        "1h ",
        "p1 ",
        ". ",
    ],
)
def test_a_long_thought_takes_no_time(piece: str) -> None:
    """No pattern goes back and forth over a long text."""
    text = (piece * LONGEST)[:LONGEST]
    began = time.process_time()
    extract(ExtractRequest(text=text, now=NOW, timezone="Europe/Berlin", people=("Anna",)))

    assert time.process_time() - began < CPU_SECONDS


def test_a_long_thought_is_cut_to_what_an_answer_may_hold() -> None:
    """Fifty tasks at most, and titles of five hundred characters."""
    many = extract(ExtractRequest(text="- [ ] buy bread\n" * 80, now=NOW, timezone="UTC"))
    long = extract(ExtractRequest(text="buy " + "bread " * 200, now=NOW, timezone="UTC"))

    assert len(many.tasks) == 50
    assert all(len(task.title) <= 500 for task in long.tasks)
