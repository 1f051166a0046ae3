"""JSON schemas of what may be answered, in the subset that the provider takes.

Source: docs.x.ai, structured outputs: every property required, nullable instead of optional, strings to 2,048
characters, lists to 256 items; a schema beyond that is not enforced, or refused.
"""

from functools import cache
from typing import Any

from backend.providers.llm.records import AnswerDraft, ExtractedUpdates, PlanDraft

LONGEST_STRING = 2_048
LONGEST_LIST = 256
# What pydantic writes for people, or what the provider need not know; the boundary demands it all the same.
_LEFT_OUT = frozenset({"title", "description", "default", "pattern"})
_LIMITS = {"maxLength": LONGEST_STRING, "maxItems": LONGEST_LIST}


@cache
def schema_of(form: type[ExtractedUpdates | PlanDraft | AnswerDraft]) -> dict[str, Any]:
    """Return the schema of one answer; shared, not to be changed.

    Args:
        form: The record that it must become.
    """
    return _narrowed(form.model_json_schema())


def _narrowed(schema: dict[str, Any]) -> dict[str, Any]:
    kept = {key: _part(key, value) for key, value in schema.items() if key not in _LEFT_OUT}
    if "properties" in kept:
        kept["required"] = list(kept["properties"])
    return kept


def _part(key: str, value: Any) -> Any:
    if key in _LIMITS:
        return min(value, _LIMITS[key])
    if key in {"properties", "$defs"}:
        return {name: _narrowed(each) for name, each in value.items()}
    if isinstance(value, dict):
        return _narrowed(value)
    if key == "anyOf":
        return [_narrowed(each) for each in value]
    return value
