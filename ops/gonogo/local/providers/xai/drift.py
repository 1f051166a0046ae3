"""How a model's answer goes wrong while the HTTP around it is right: a table, one row each."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gonogo.local.providers import wire
from gonogo.local.providers.faults import Behaviour, Fault, Hit
from gonogo.local.providers.xai import answering, asking, saying
from gonogo.local.providers.xai.saying import Said

_OK = 200
_ASKED = ("/responses", "/chat/completions")

Change = Callable[[Said, Mapping[str, Any]], Said]


def _behaviour(change: Change) -> Behaviour:
    async def behave(hit: Hit) -> Response:
        usual = await hit.usual()
        if usual.status_code != _OK or not hit.came.path.endswith(_ASKED):
            return usual
        asked = asking.read(hit.came)
        return wire.answer(saying.wrapped(asked, change(Said(text=answering.answer(asked)), hit.settings)))

    return behave


def _retold(change: Callable[[Any], Any]) -> Change:
    """Return a change of the answer's data, where it is data."""

    def changed(said: Said, _: Mapping[str, Any]) -> Said:
        try:
            data = json.loads(said.text or "null")
        except ValueError:
            return said
        return replace(said, text=json.dumps(change(data)))

    return changed


def _worded(change: Callable[[str], str]) -> Change:
    return lambda said, _: replace(said, text=change(said.text or ""))


def _content(said: Said, settings: Mapping[str, Any]) -> Said:
    text = settings.get("text")
    return replace(said, text=text if text is None else str(text), finish=str(settings.get("finish", "stop")))


def _half(text: str) -> str:
    return text[: max(1, len(text) // 2)]


def _numbers(data: Any, change: Callable[[float], Any]) -> Any:  # JSON
    """Return data with every number changed."""
    if isinstance(data, dict):
        return {name: _numbers(value, change) for name, value in data.items()}
    if isinstance(data, list):
        return [_numbers(value, change) for value in data]
    is_number = isinstance(data, int | float) and not isinstance(data, bool)
    return change(data) if is_number else data


def _more(data: Any) -> Any:  # JSON
    return {**data, "made_up": {"by": "the model"}} if isinstance(data, dict) else data


def _less(data: Any) -> Any:  # JSON
    return dict(list(data.items())[1:]) if isinstance(data, dict) else data


def _lists_as_text(data: Any) -> Any:  # JSON
    """Return data whose lists are texts."""
    if not isinstance(data, dict):
        return data
    return {name: "none" if isinstance(value, list) else value for name, value in data.items()}


def _refused(_: Said, settings: Mapping[str, Any]) -> Said:
    return Said(text=None, refusal=str(settings.get("text", "I cannot help with that.")))


def _tool(_: Said, settings: Mapping[str, Any]) -> Said:
    return Said(text=None, tool=str(settings.get("tool", "web_search")), finish="tool_calls")


_ROWS: tuple[tuple[str, str, Change, Mapping[str, str]], ...] = (
    (
        "content",
        "is this text",
        _content,
        {"text": "what the model says; null is no content", "finish": "why it ended (stop)"},
    ),
    (
        "truncated-length",
        "ends in the middle, and says that the budget is spent",
        lambda said, _: replace(said, text=_half(said.text or ""), finish="length"),
        {},
    ),
    ("truncated-stop", "ends in the middle, and says nothing of it", _worded(_half), {}),
    ("null-content", "has no content", lambda said, _: replace(said, text=None), {}),
    ("empty-content", "has an empty content", lambda said, _: replace(said, text=""), {}),
    ("refusal", "refuses", _refused, {"text": "the model's words"}),
    ("tool-call", "calls a tool instead", _tool, {"tool": "its name (web_search)"}),
    ("empty-output", "has no choice, or no output, at all", lambda said, _: replace(said, is_there=False), {}),
    (
        "unknown-finish",
        "ended for a reason that nobody knows",
        lambda said, _: replace(said, finish="made_up"),
        {},
    ),
    ("other-model", "is from another model", lambda said, _: replace(said, model="grok-4.3"), {}),
    ("no-usage", "does not count tokens", lambda said, _: replace(said, has_usage=False), {}),
    ("fenced", "is JSON in a Markdown fence", _worded(lambda text: f"```json\n{text}\n```"), {}),
    ("prose", "is JSON between words", _worded(lambda text: f"Sure! Here it is:\n{text}\nAnything else?"), {}),
    ("two-objects", "is JSON twice", _worded(lambda text: f"{text}\n{text}"), {}),
    ("extra-keys", "has a key that nobody asked for", _retold(_more), {}),
    ("missing-keys", "lacks its first key", _retold(_less), {}),
    ("not-an-object", "is a list", _retold(lambda data: [data]), {}),
    ("lists-as-text", "has texts where lists belong", _retold(_lists_as_text), {}),
    ("number-as-string", "has its numbers as texts", _retold(lambda data: _numbers(data, str)), {}),
    ("nan", "has NaN for its numbers", _retold(lambda data: _numbers(data, lambda _: float("nan"))), {}),
)
FAULTS: tuple[Fault, ...] = tuple(
    Fault(name=name, summary=f"the model's answer {summary}", behave=_behaviour(change), settings=settings)
    for name, summary, change, settings in _ROWS
)
