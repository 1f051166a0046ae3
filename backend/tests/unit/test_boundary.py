"""The boundary: a payload becomes a record as a whole, or nothing of it is used."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from backend.providers.llm import boundary
from backend.providers.llm.errors import ProviderError
from backend.providers.llm.records import AnswerDraft, ExtractedUpdates, PlanDraft
from backend.tests.asked import EXTRACT, PASSAGE_IDS, PLAN, QUERY, TASK_IDS
from backend.tests.malformed import valid_answer, valid_extraction, valid_plan

NOTHING: dict[str, Any] = {"tasks": [], "projects": [], "people": [], "ideas": [], "problems": [], "dates": []}


def extraction_with(**fields: object) -> dict[str, Any]:
    """Return an extraction of one task with these fields."""
    return {**NOTHING, "tasks": [{"title": "Call Ada", **fields}]}


def answer_with(**fields: object) -> dict[str, Any]:
    """Return a valid answer with other fields."""
    return {**valid_answer(PASSAGE_IDS), **fields}


class TestValidPayloads:
    """What is in the form becomes a record."""

    def test_texts_of_json_become_days_moments_and_ids(self) -> None:
        """A payload as it comes from JSON."""
        updates = boundary.extracted(json.loads(json.dumps(valid_extraction())), EXTRACT)

        assert updates.tasks[0].due_on == date(2026, 11, 27)
        assert updates.tasks[0].due_at == datetime(2026, 11, 27, 15, tzinfo=UTC)
        assert boundary.planned(valid_plan(TASK_IDS), PLAN).today_plan[0].task_id == TASK_IDS[0]
        assert boundary.answered(valid_answer(PASSAGE_IDS), QUERY).citations == list(PASSAGE_IDS)

    def test_objects_of_python_are_taken_too(self) -> None:
        """A payload of somebody who has parsed it already."""
        moment = datetime(2026, 11, 27, 15, tzinfo=UTC)

        updates = boundary.extracted(extraction_with(due_on=moment.date(), due_at=moment), EXTRACT)
        draft = boundary.answered(answer_with(citations=[PASSAGE_IDS[1]]), QUERY)

        assert updates.tasks[0].due_at == moment
        assert draft.citations == [PASSAGE_IDS[1]]

    @pytest.mark.parametrize("payload", [valid_extraction(), NOTHING], ids=["full", "empty"])
    def test_a_record_is_its_own_payload(self, payload: dict[str, Any]) -> None:
        """What has become a record once does so again."""
        updates = boundary.extracted(payload, EXTRACT)

        assert boundary.extracted(updates, EXTRACT) == updates

    def test_a_whole_number_may_be_a_confidence(self) -> None:
        """JSON writes 1.0 as 1."""
        assert boundary.answered(answer_with(confidence=1), QUERY).confidence == 1.0

    def test_a_passage_is_cited_once(self) -> None:
        """However often it is named."""
        ids = [str(each) for each in (*PASSAGE_IDS, *PASSAGE_IDS)]

        assert boundary.answered(answer_with(citations=ids), QUERY).citations == list(PASSAGE_IDS)

    def test_a_moment_may_be_on_the_next_day_elsewhere(self) -> None:
        """The day is that of the owner's zone."""
        late = extraction_with(due_on="2026-11-28", due_at="2026-11-27T23:30:00Z")

        assert boundary.extracted(late, EXTRACT).tasks[0].due_on == date(2026, 11, 28)

    def test_a_day_may_follow_from_its_moment(self) -> None:
        """It need not be said twice."""
        assert boundary.extracted(extraction_with(due_at="2026-11-27T15:00:00Z"), EXTRACT).tasks[0].due_on is None


class Unfinished(BaseModel):
    """A record of somebody else."""

    answer: int


EXTRACTIONS: dict[str, object] = {
    "nothing": None,
    "a list": [valid_extraction()],
    "a text": json.dumps(valid_extraction()),
    "bytes": json.dumps(valid_extraction()).encode(),
    "a missing list": {key: value for key, value in NOTHING.items() if key != "dates"},
    "null for a list": {**NOTHING, "tasks": None},
    "a text for a list": {**NOTHING, "people": "Ada"},
    "a tuple for a list": {**NOTHING, "people": ("Ada",)},
    "an object for a list": {**NOTHING, "people": {"0": "Ada"}},
    "an extra key": {**NOTHING, "places": []},
    "an extra key in a task": extraction_with(id=1),
    "a task without a title": {**NOTHING, "tasks": [{"notes": "a"}]},
    "a number for a title": extraction_with(title=1),
    "a day for a title": extraction_with(title=date(2026, 1, 1)),
    "a blank title": extraction_with(title=" \n"),
    "an invisible title": extraction_with(title="\u200b\u2060"),
    "a long title": extraction_with(title="x" * 501),
    "NUL in the notes": extraction_with(notes="a\0b"),
    "half a pair in the notes": extraction_with(notes="\ud83e"),
    "null for notes": extraction_with(notes=None),
    "a number as text": extraction_with(priority="1"),
    "a broken number": extraction_with(priority=1.0),
    "true for a number": extraction_with(priority=True),
    "priority five": extraction_with(priority=5),
    "an endless number": extraction_with(estimate_minutes=10**5000),
    "not a number": extraction_with(estimate_minutes=float("nan")),
    "a number for a day": extraction_with(due_on=1_700_000_000),
    "digits for a day": extraction_with(due_on="1700000000"),
    "a moment for a day": extraction_with(due_on="2026-11-27T00:00:00"),
    "a moment object for a day": extraction_with(due_on=datetime(2026, 11, 27, tzinfo=UTC)),
    "a day that does not exist": extraction_with(due_on="2026-02-30"),
    "a day of long ago": extraction_with(due_on="0001-01-01"),
    "a day far away": extraction_with(due_on="2201-01-01"),
    "digits for a moment": extraction_with(due_on="2023-11-14", due_at="1700000000"),
    "a number for a moment": extraction_with(due_on="2023-11-14", due_at=1_700_000_000),
    "a moment without offset": extraction_with(due_on="2026-11-27", due_at="2026-11-27T15:00:00"),
    "a moment object without offset": extraction_with(due_on=date(2026, 11, 27), due_at=datetime(2026, 11, 27)),  # noqa: DTZ001
    "a moment on another day": extraction_with(due_on="2026-11-26", due_at="2026-11-27T15:00:00Z"),
    "the first moment of all": extraction_with(due_on="0001-01-01", due_at="0001-01-01T00:00:00+14:00"),
    "a date on another day": {**NOTHING, "dates": [{"label": "a", "on_day": "2026-01-01", "at": "2026-01-02T12:00Z"}]},
    "too many tasks": {**NOTHING, "tasks": [{"title": "a"}] * 51},
    "too many labels": extraction_with(labels=["a"] * 21),
    "a blank label": extraction_with(labels=[""]),
    "ten megabytes": extraction_with(notes="x" * 10_000_000),
}
PLANS: dict[str, object] = {
    "nothing": {},
    "null": {"today_plan": None},
    "extra keys": {**valid_plan(TASK_IDS), "summary": "a good day"},
    "extra keys in an item": {"today_plan": [{**valid_plan(TASK_IDS)["today_plan"][0], "title": "a"}]},
    "a list of ids": {"today_plan": [str(each) for each in TASK_IDS]},
    "a task twice": valid_plan((TASK_IDS[0], TASK_IDS[0])),
    "a task that was not given": valid_plan((UUID(int=99),)),
    "a number for an id": {"today_plan": [{**valid_plan(TASK_IDS)["today_plan"][0], "task_id": 11}]},
    "no reason": {"today_plan": [{**valid_plan(TASK_IDS)["today_plan"][0], "reason": None}]},
    "an invisible reason": {"today_plan": [{**valid_plan(TASK_IDS)["today_plan"][0], "reason": "\u2060"}]},
}
ANSWERS: dict[str, object] = {
    "no answer": {"citations": [], "confidence": 0.5},
    "null": answer_with(answer=None),
    "a number": answer_with(answer=42),
    "a list": answer_with(answer=["On Friday"]),
    "blank": answer_with(answer=" \n\t"),
    "invisible": answer_with(answer="\u200b \u202e"),
    "a passage that was not given": answer_with(citations=[str(UUID(int=99))]),
    "a text for citations": answer_with(citations=str(PASSAGE_IDS[0])),
    "confidence as text": answer_with(confidence="0.5"),
    "too sure": answer_with(confidence=1.01),
    "not a number": answer_with(confidence=float("nan")),
    "no end": answer_with(confidence=float("inf")),
    "true for a number": answer_with(confidence=True),
    "a record of somebody else": Unfinished(answer=1),
    "an unchecked record": AnswerDraft.model_construct(answer=1, citations=None),
}


def refused(read: Any, payload: object, request: object) -> bool:
    """Return whether the boundary refuses a payload by its own error, which shows nothing of it."""
    try:
        read(payload, request)
    except ProviderError as error:
        return error.reason == "invalid payload" and str(error) == "invalid payload"
    return False


@pytest.mark.contracts
class TestMalformedPayloads:
    """What is not in the form is refused as a whole."""

    @pytest.mark.parametrize("name", EXTRACTIONS)
    def test_an_extraction(self, name: str) -> None:
        """Nothing of it is used."""
        assert refused(boundary.extracted, EXTRACTIONS[name], EXTRACT)

    @pytest.mark.parametrize("name", PLANS)
    def test_a_plan(self, name: str) -> None:
        """Nothing of it is used."""
        assert refused(boundary.planned, PLANS[name], PLAN)

    @pytest.mark.parametrize("name", ANSWERS)
    def test_an_answer(self, name: str) -> None:
        """Nothing of it is used."""
        assert refused(boundary.answered, ANSWERS[name], QUERY)

    def test_an_unchecked_record_is_checked(self) -> None:
        """A record that was made without its checks is a payload like any other."""
        assert refused(boundary.extracted, ExtractedUpdates.model_construct(tasks=[{"title": 1}]), EXTRACT)
        assert refused(boundary.planned, PlanDraft.model_construct(today_plan=[{}]), PLAN)
