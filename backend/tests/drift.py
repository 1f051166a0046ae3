"""Payload drift as it is known: what providers have sent instead of what they promised, by name."""

import asyncio
import copy
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from backend.providers.llm.errors import ProviderError

Change = Callable[[dict[str, Any]], object]
Act = Callable[[object], Awaitable[object]]
Path = tuple[str | int, ...]


def _each(value: object, change: Callable[[object], object]) -> object:
    if isinstance(value, dict):
        return {key: _each(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [_each(each, change) for each in value]
    return change(value)


def _numbers(change: Callable[[float], object]) -> Change:
    return lambda valid: _each(valid, lambda each: change(each) if isinstance(each, (int, float)) else each)


def _texts(change: Callable[[str], object]) -> Change:
    return lambda valid: _each(valid, lambda each: change(each) if isinstance(each, str) else each)


def _with(path: Path, value: object) -> Change:
    def change(valid: dict[str, Any]) -> object:
        payload: Any = copy.deepcopy(valid)
        place = payload
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return payload

    return change


def _without(*names: str) -> Change:
    return lambda valid: {key: value for key, value in valid.items() if key not in names}


def _each_key(valid: dict[str, Any], value: object) -> dict[str, object]:
    return {key: copy.copy(value) for key in valid}


def _nested(valid: dict[str, Any]) -> object:
    payload: object = valid
    for _ in range(5_000):
        payload = {"data": payload}
    return payload


def _cyclic(valid: dict[str, Any]) -> object:
    payload = dict(valid)
    payload["self"] = payload
    return payload


OF_ANY: Mapping[str, Change] = {
    "null": lambda _: None,
    "true": lambda _: True,
    "a number": lambda _: 42,
    "a text": lambda _: "I have found a task for you.",
    "JSON as text": json.dumps,
    "JSON as bytes": lambda valid: json.dumps(valid).encode(),
    "a list": lambda valid: [valid],
    "a tuple": lambda valid: (valid,),
    "pairs": lambda valid: list(valid.items()),
    "an object": lambda _: object(),
    "an error": lambda _: ValueError("returned, not raised"),
    "a class": lambda _: OSError,
    "a coroutine function": lambda _: asyncio.sleep,
    "an empty object": lambda _: {},
    "wrapped": lambda valid: {"result": valid},
    "an extra key": lambda valid: {**valid, "explanation": "as you wished"},
    "a key that is a number": lambda valid: dict[object, object]([*valid.items(), (1, "one")]),
    "a missing key": lambda valid: dict(list(valid.items())[1:]),
    "nulls": lambda valid: _each_key(valid, None),
    "texts": lambda valid: _each_key(valid, "none"),
    "numbers": lambda valid: _each_key(valid, 0),
    "lists of nulls": lambda valid: _each_key(valid, [None]),
    "lists of lists": lambda valid: _each_key(valid, [[]]),
    "numbers as texts": _numbers(str),
    "NaN": _numbers(lambda _: math.nan),
    "infinity": _numbers(lambda _: math.inf),
    "endless numbers": _numbers(lambda _: 10**4_000),
    "true for numbers": _numbers(lambda _: True),
    "texts as bytes": _texts(str.encode),
    "blank texts": _texts(lambda _: " \n"),
    "texts with NUL": _texts(lambda each: f"{each}\0"),
    "texts with half a pair": _texts(lambda each: f"{each}\ud83d"),
    "endless texts": _texts(lambda each: each * 500_000),
    "a refusal": lambda _: {"refusal": "I cannot help with that."},
    "an envelope": lambda valid: {"choices": [{"message": {"content": json.dumps(valid)}}]},
    "deep nesting": _nested,
    "a circle": _cyclic,
}
OF_EXTRACTION: Mapping[str, Change] = {
    "no list of people": _without("people"),
    "only tasks": lambda valid: {"tasks": valid["tasks"]},
    "tasks as texts": _with(("tasks",), ["Call Ada"]),
    "tasks as an object": lambda valid: {**valid, "tasks": valid["tasks"][0]},
    "a number for a title": _with(("tasks", 0, "title"), 7),
    "null for a title": _with(("tasks", 0, "title"), None),
    "priority as text": _with(("tasks", 0, "priority"), "high"),
    "priority out of range": _with(("tasks", 0, "priority"), 0),
    "a word for a day": _with(("tasks", 0, "due_on"), "next friday"),
    "a timestamp for a day": _with(("tasks", 0, "due_on"), 1_764_201_600),
    "a moment without offset": _with(("tasks", 0, "due_at"), "2026-11-27T15:00:00"),
    "a moment on another day": _with(("tasks", 0, "due_at"), "2026-12-24T15:00:00Z"),
    "a day in the year 9999": _with(("dates", 0, "on_day"), "9999-12-31"),
    "labels as text": _with(("tasks", 0, "labels"), "phone, work"),
    "people as objects": _with(("people",), [{"name": "Ada"}]),
    "a thousand ideas": lambda valid: {**valid, "ideas": valid["ideas"] * 1_000},
    "the last one broken": lambda valid: {**valid, "dates": [*valid["dates"], {"label": "x"}]},
}
OF_PLAN: Mapping[str, Change] = {
    "another name": lambda valid: {"plan": valid["today_plan"]},
    "items as texts": _with(("today_plan",), ["Call Ada"]),
    "items as an object": lambda valid: {"today_plan": {"1": valid["today_plan"][0]}},
    "an item with a title": _with(("today_plan", 0, "title"), "Call Ada"),
    "an item without a reason": _with(("today_plan", 0), {"task_id": "x", "priority": 1}),
    "a number for an id": _with(("today_plan", 0, "task_id"), 11),
    "an id of nobody": _with(("today_plan", 0, "task_id"), "00000000-0000-0000-0000-0000000000ff"),
    "an item twice": lambda valid: {"today_plan": valid["today_plan"] * 2},
    "minutes as text": _with(("today_plan", 0, "estimate_minutes"), "25 min"),
    "priority p1": _with(("today_plan", 0, "priority"), "p1"),
}
OF_ANSWER: Mapping[str, Change] = {
    "no answer": _without("answer"),
    "no citations": _without("citations"),
    "an answer in parts": _with(("answer",), ["On Friday", "at three."]),
    "an answer of no sign": _with(("answer",), "\u200b"),
    "a citation of nobody": _with(("citations",), ["00000000-0000-0000-0000-0000000000ff"]),
    "citations by number": _with(("citations",), [1, 2]),
    "citations as objects": _with(("citations",), [{"id": "00000000-0000-0000-0000-000000000015"}]),
    "confidence in percent": _with(("confidence",), 75),
    "confidence in words": _with(("confidence",), "high"),
}
PAYLOADS: Mapping[str, Mapping[str, Change]] = {
    "extract_structured_updates": {**OF_ANY, **OF_EXTRACTION},
    "rewrite_plan": {**OF_ANY, **OF_PLAN},
    "answer_query": {**OF_ANY, **OF_ANSWER},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Misbehaviour:
    """An adapter that does something else than to return.

    Attributes:
        act: What it does, given the valid payload.
        reason: Why the rules answer then.
        deadline_s: How long it is waited for.
    """

    act: Act
    reason: str
    deadline_s: float = 60.0


def _raises(error: BaseException) -> Act:
    async def act(_valid: object) -> object:
        raise error

    return act


async def _is_late(valid: object) -> object:
    await asyncio.sleep(0.2)
    return valid


async def _is_late_and_disobeys(valid: object) -> object:
    try:
        await asyncio.sleep(0.2)
    except asyncio.CancelledError:
        await asyncio.sleep(0.05)
    return valid


BEHAVIOURS: Mapping[str, Misbehaviour] = {
    "refuses": Misbehaviour(act=_raises(ProviderError("refused")), reason="refused"),
    "has no connection": Misbehaviour(act=_raises(ProviderError("unreachable")), reason="unreachable"),
    "raises a TimeoutError": Misbehaviour(act=_raises(TimeoutError()), reason="timeout"),
    "raises a KeyError": Misbehaviour(act=_raises(KeyError("choices")), reason="defect"),
    "raises a RecursionError": Misbehaviour(act=_raises(RecursionError()), reason="defect"),
    "raises a group": Misbehaviour(act=_raises(ExceptionGroup("two", [OSError(), ValueError()])), reason="defect"),
    "ends the process": Misbehaviour(act=_raises(SystemExit(1)), reason="defect"),
    "cancels itself": Misbehaviour(act=_raises(asyncio.CancelledError()), reason="defect"),
    "is late": Misbehaviour(act=_is_late, reason="timeout", deadline_s=0.02),
    "is late and disobeys": Misbehaviour(act=_is_late_and_disobeys, reason="timeout", deadline_s=0.02),
}
