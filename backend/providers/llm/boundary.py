"""The boundary: a provider's payload becomes a strict record as a whole, or nothing of it is used."""

import json
from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from typing import TypeVar

from backend.providers.llm.builtin.moments import zone_of
from backend.providers.llm.errors import ProviderError
from backend.providers.llm.plain import plain
from backend.providers.llm.records import (
    AnswerDraft,
    ExtractedUpdates,
    ExtractRequest,
    PlanDraft,
    PlanRequest,
    QueryRequest,
)

Record = TypeVar("Record", ExtractedUpdates, PlanDraft, AnswerDraft)
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def extracted(payload: object, request: ExtractRequest) -> ExtractedUpdates:
    """Return what a thought holds.

    Args:
        payload: What the provider said; anything.
        request: What it was asked.

    Raises:
        ProviderError: It is not in the form, or holds a day that no calendar of today's people needs, or a moment on
            another day than the one beside it.
    """
    updates = _parse(ExtractedUpdates, payload)
    zone = zone_of(request.timezone)
    pairs = [(each.due_on, each.due_at) for each in updates.tasks]
    pairs += [(each.on_day, each.at) for each in updates.dates]
    names = [name for each in updates.tasks for name in (each.title, each.project, each.recurrence, *each.labels)]
    names += [*updates.projects, *updates.people, *updates.ideas, *updates.problems]
    names += [each.label for each in updates.dates]
    _demand(_are_legible(names) and all(_fit(day, moment, zone) for day, moment in pairs))
    return updates


def planned(payload: object, request: PlanRequest) -> PlanDraft:
    """Return a plan of the tasks that were given, each once.

    Args:
        payload: What the provider said; anything.
        request: What it was asked.

    Raises:
        ProviderError: It is not in the form, or speaks of other tasks.
    """
    draft = _parse(PlanDraft, payload)
    chosen = [item.task_id for item in draft.today_plan]
    _demand(len(set(chosen)) == len(chosen) and set(chosen) <= {task.id for task in request.tasks})
    _demand(_are_legible(item.reason for item in draft.today_plan))
    return draft


def answered(payload: object, request: QueryRequest) -> AnswerDraft:
    """Return an answer that rests on the passages that were given; each is cited once.

    Args:
        payload: What the provider said; anything.
        request: What it was asked.

    Raises:
        ProviderError: It is not in the form, or cites what it was not given.
    """
    draft = _parse(AnswerDraft, payload)
    _demand(_are_legible([draft.answer]) and set(draft.citations) <= {passage.id for passage in request.passages})
    return draft.model_copy(update={"citations": list(dict.fromkeys(draft.citations))})


def _parse(form: type[Record], payload: object) -> Record:
    try:
        return _validated(form, plain(payload))
    except Exception:  # noqa: BLE001 -- reading a stranger's object may fail in any way
        raise ProviderError("invalid payload") from None


def _validated(form: type[Record], payload: object) -> Record:
    try:
        text = json.dumps(payload, allow_nan=False)
    except TypeError:
        # It holds days or ids that are objects already; then a text is none of them.
        return form.model_validate(payload)
    return form.model_validate_json(text)


def _demand(is_so: bool) -> None:  # noqa: FBT001 -- reads like an assertion
    if not is_so:
        raise ProviderError("invalid payload")


def _are_legible(texts: Iterable[str | None]) -> bool:
    # A text may hold characters and still show nothing: joiners, marks of direction, controls.
    return all(any(sign.isprintable() and not sign.isspace() for sign in text) for text in texts if text is not None)


def _fit(day: date | None, moment: datetime | None, zone: tzinfo) -> bool:
    if not all(_FIRST_YEAR <= each.year <= _LAST_YEAR for each in (day, moment) if each is not None):
        return False
    # Where only the moment was said, the day follows from it.
    return moment is None or day is None or moment.astimezone(zone).date() == day
