"""The built-in answers."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

import pytest

from backend.providers.llm.builtin import answer
from backend.providers.llm.builtin.matching import stem
from backend.providers.llm.records import AnswerDraft, Passage, QueryRequest
from backend.tests.unit.builtin.tables import NOW, ZONE

Kind = Literal["thought", "task"]
ROWS: tuple[tuple[Kind, str, float], ...] = (
    ("thought", "Nice walk today. Dentist appointment next Friday at 9:30. Bring the x-rays.", 0.6),
    ("task", "Call Anna (due 2026-11-18 15:00)", 0.4),
    ("task", "Pay the rent, due 2026-11-20", 0.3),
    ("thought", "I met Clara at the fair; she works on battery storage.", 0.2),
    ("thought", "The kitchen renovation costs 12,000. The carpenter comes in March.", 0.2),
    ("task", "Return the drill, due 2026-11-10", 0.1),
    ("task", "Sort the photos", 0.1),
)
PASSAGES = tuple(
    Passage(id=UUID(int=number), kind=kind, text=text, created_at=NOW - timedelta(days=1), rank=rank)
    for number, (kind, text, rank) in enumerate(ROWS, start=1)
)


def asked(question: str, passages: tuple[Passage, ...] = PASSAGES) -> AnswerDraft:
    """Return the answer of a Wednesday at ten."""
    return answer(QueryRequest(question=question, now=NOW, timezone=ZONE.key, passages=passages))


def cited(draft: AnswerDraft) -> list[int]:
    """Return the passages that an answer rests on."""
    return [each.int for each in draft.citations]


@pytest.mark.parametrize(
    ("question", "numbers", "head"),
    [
        ("What do I have to do today?", [6, 2], "To do today:"),
        ("What's due this week?", [6, 2, 3], "To do this week:"),
        ("What do I need to do on Friday?", [3], "To do on Friday, 2026-11-20:"),
        ("Which tasks are overdue?", [6], "Overdue:"),
        ("my tasks", [6, 2, 3, 7], "To do:"),
    ],
)
def test_an_agenda_lists_what_is_due_then(question: str, numbers: list[int], head: str) -> None:
    """In the order of their dates; what is overdue belongs to today."""
    draft = asked(question)

    assert (draft.answer.splitlines()[0], cited(draft)) == (head, numbers)
    assert draft.confidence == 0.8


def test_an_empty_agenda_says_what_comes_next() -> None:
    """Nothing is invented."""
    draft = asked("What do I have to do tomorrow?")

    assert draft.answer == "Nothing that was found is due tomorrow.\nNext is: Pay the rent, due 2026-11-20"
    assert cited(draft) == [3]


def test_when_is_answered_with_the_day() -> None:
    """The words of the thought count from when it was said."""
    draft = asked("When is the dentist appointment?")

    assert draft.answer.splitlines() == [
        "Friday 27 November 2026, 09:30.",
        "- Dentist appointment next Friday at 9:30. (thought of 2026-11-17)",
    ]
    assert cited(draft) == [1]


def test_who_is_answered_with_a_name() -> None:
    """Of the sentence that fits."""
    assert asked("Who works on batteries?").answer.startswith("Clara.\n- I met Clara at the fair;")


def test_the_best_sentence_is_quoted_and_cited() -> None:
    """Not the whole thought."""
    draft = asked("How much does the kitchen renovation cost?")

    assert draft.answer == "- The kitchen renovation costs 12,000. (thought of 2026-11-17)"
    assert cited(draft) == [5]
    assert 0.5 < draft.confidence < 0.95


def test_what_to_do_about_something_is_about_that() -> None:
    """The topic counts, not the words round it."""
    assert cited(asked("What do I have to do about the rent?")) == [3]


def test_no_fit_is_said_and_shows_the_nearest() -> None:
    """With little confidence."""
    draft = asked("What is the capital of France?")

    assert draft.answer.startswith("Nothing fits closely.")
    assert draft.confidence == 0.1
    assert cited(draft) == [1]


def test_nothing_found_is_said() -> None:
    """A sentence, no citation, no confidence."""
    draft = asked("What about my tax return?", ())

    assert draft.answer.startswith("Nothing that you have captured speaks of that.")
    assert (draft.citations, draft.confidence) == ([], 0.0)


def test_a_fuller_answer_has_more_confidence() -> None:
    """By how much of the question is covered."""
    assert asked("kitchen renovation").confidence > asked("kitchen carpet in the renovation plan").confidence


def test_long_passages_are_quoted_in_part() -> None:
    """An answer stays readable."""
    passages = tuple(
        Passage(id=UUID(int=number), kind="thought", text="kitchen " * 500, created_at=NOW) for number in range(1, 30)
    )

    assert len(asked("kitchen", passages).answer) < 2_000


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("meetings", "meeting"),
        ("planned", "plan"),
        ("batteries", "battery"),
        ("costs", "cost"),
        ("invoices", "invoice"),
    ],
)
def test_forms_of_a_word_are_the_same(one: str, other: str) -> None:
    """A light stemming."""
    assert stem(one) == stem(other)
