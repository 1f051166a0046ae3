"""What a request asks, whichever of the two endpoints it came to."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gonogo.local.providers.wire import Came
from gonogo.local.providers.xai import schemas
from gonogo.local.providers.xai.failures import invalid, not_found

MODELS = ("grok-4.7", "grok-4.6", "grok-4.5", "grok-4.3")
_LATEST = {"grok-latest": "grok-4.7"}
# Gone since May 2026, and answered by another without a word.
_RETIRED = ("grok-4-0709", "grok-4-fast", "grok-4-1-fast", "grok-3")
_INSTEAD = "grok-4.3"
_NEEDS_EFFORT = frozenset(("grok-4.5", "grok-4.6"))
_NOT_FOR_REASONING = ("presence_penalty", "frequency_penalty", "stop")
_RESPONSES = "/responses"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a request asks.

    Attributes:
        is_responses: it came to Responses, not to Chat Completions.
        model: which answers, whatever was asked for.
        name: the structured output's name; empty when any text will do.
        schema: of the structured output; None when any text will do.
        words: what the user said last.
        budget: tokens that an answer may have; None is any number.
    """

    is_responses: bool
    model: str
    name: str
    schema: Mapping[str, Any] | None
    words: str
    budget: int | None
    store: bool

    @property
    def data(self) -> Mapping[str, Any]:
        """Return the user's words as an object; a text that is none is its `text`."""
        try:
            found = json.loads(self.words)
        except (ValueError, RecursionError):
            found = None
        return found if isinstance(found, dict) else {"text": self.words}


def read(came: Came) -> Asked:
    """Return what a request asks.

    Raises:
        Failed: it would be refused.
    """
    fields = came.fields
    if not fields:
        raise invalid("Failed to parse the request body as JSON")
    is_responses = came.path.endswith(_RESPONSES)
    model = _model(str(fields.get("model") or ""))
    _check_parameters(fields, model)
    name, schema = _structure(fields, is_responses=is_responses)
    budget = fields.get("max_output_tokens" if is_responses else "max_completion_tokens") or fields.get("max_tokens")
    return Asked(
        is_responses=is_responses,
        model=model,
        name=name,
        schema=schema,
        words=_words(fields.get("input") if is_responses else fields.get("messages")),
        budget=int(budget) if budget else None,
        store=is_responses and fields.get("store", True) is not False,
    )


def _model(asked: str) -> str:
    if not asked:
        raise invalid("Missing required field: model")
    if asked.startswith(_RETIRED):
        return _INSTEAD
    found = _LATEST.get(asked, asked)
    if found not in MODELS:
        raise not_found(f"The model {asked}")
    return found


def _check_parameters(fields: Mapping[str, Any], model: str) -> None:
    for name in _NOT_FOR_REASONING:
        if fields.get(name) is not None:
            raise invalid(f"Argument not supported on this model: {name}")
    reasoning = fields.get("reasoning")
    effort = fields.get("reasoning_effort") or (reasoning.get("effort") if isinstance(reasoning, Mapping) else None)
    if effort == "none" and model in _NEEDS_EFFORT:
        raise invalid(f"{model} does not support reasoning effort none")
    if fields.get("stream"):
        raise invalid("This stand-in does not stream")


def _structure(fields: Mapping[str, Any], *, is_responses: bool) -> tuple[str, Mapping[str, Any] | None]:
    """Return the name and the schema of the structured output that is asked for."""
    given = (fields.get("text") or {}).get("format") if is_responses else fields.get("response_format")
    if not isinstance(given, Mapping) or given.get("type") != "json_schema":
        return "", None
    form = given if is_responses else given.get("json_schema")
    if not isinstance(form, Mapping) or not form.get("name"):
        raise invalid("Missing required field: name of the JSON schema")
    schemas.check(form.get("schema"))
    return str(form["name"]), form["schema"]


def _words(given: Any) -> str:  # JSON
    """Return what the user said last."""
    if isinstance(given, str) and given:
        return given
    if not isinstance(given, list) or not given:
        raise invalid("Missing required field: input or messages")
    said = [each for each in given if isinstance(each, Mapping) and each.get("role") == "user"]
    return "".join(_parts(said[-1].get("content"))) if said else ""


def _parts(content: Any) -> Iterator[str]:  # JSON
    if isinstance(content, str):
        yield content
    for part in content if isinstance(content, list) else ():
        if isinstance(part, Mapping):
            yield str(part.get("text") or "")
