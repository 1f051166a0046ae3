"""Schemas of answers hold nothing that the provider refuses or does not enforce.

Source: docs.x.ai, structured outputs.
"""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from backend.providers.llm.records import AnswerDraft, ExtractedUpdates, PlanDraft
from backend.providers.llm.schemas import schema_of
from backend.tests.asked import PASSAGE_IDS, TASK_IDS
from backend.tests.malformed import valid_answer, valid_extraction, valid_plan

FORMS = (ExtractedUpdates, PlanDraft, AnswerDraft)
KEYWORDS = {
    *("$defs", "$ref", "additionalProperties", "anyOf", "enum", "const", "format", "items", "maxItems", "maxLength"),
    *("maximum", "minLength", "minimum", "properties", "required", "type"),
}
TYPES = {"string", "number", "integer", "boolean", "null", "array", "object"}
FORMATS = {"date", "time", "date-time", "email", "uuid", "ipv4", "ipv6", "uri"}
VALID: dict[type, dict[str, Any]] = {
    ExtractedUpdates: valid_extraction(),
    PlanDraft: valid_plan(TASK_IDS),
    AnswerDraft: valid_answer(PASSAGE_IDS),
}
each_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)


def parts(schema: object) -> Iterator[dict[str, Any]]:
    """Return every schema within a schema; booleans are none."""
    if not isinstance(schema, dict):
        return
    yield schema
    for name in ("properties", "$defs"):
        for each in schema.get(name, {}).values():
            yield from parts(each)
    for each in (*schema.get("anyOf", ()), schema.get("items")):
        yield from parts(each)


@each_form
def test_every_keyword_is_supported(form: Any) -> None:
    """No pattern, no default, nothing unknown; no form of it is refused."""
    for part in parts(schema_of(form)):
        assert set(part) <= KEYWORDS
        assert part.get("type", "null") in TYPES
        assert part.get("format", "date") in FORMATS
        assert part.get("enum", [1])
        assert part.get("anyOf", [1])
        assert isinstance(part.get("items", {}), dict)
        assert not any(isinstance(each, bool) for each in part.get("properties", {}).values())


@each_form
def test_every_limit_is_one_that_is_enforced(form: Any) -> None:
    """Texts to 2,048 characters, lists to 256 items, objects to 64 properties."""
    for part in parts(schema_of(form)):
        assert part.get("maxLength", 0) <= 2_048
        assert part.get("maxItems", 0) <= 256
        assert len(part.get("properties", {})) <= 64
    assert sum(len(part.get("properties", {})) for part in parts(schema_of(form))) <= 64


@each_form
def test_every_property_is_required_and_no_other_may_be(form: Any) -> None:
    """What may be missing is nullable instead."""
    for part in parts(schema_of(form)):
        if part.get("type") == "object":
            assert part["required"] == list(part["properties"])
            assert part["additionalProperties"] is False


@each_form
def test_references_lead_somewhere_and_not_in_circles(form: Any) -> None:
    """One step down, to a definition that refers to none."""
    schema = schema_of(form)
    found = [part["$ref"].removeprefix("#/$defs/") for part in parts(schema) if "$ref" in part]

    assert set(found) == set(schema.get("$defs", {}))
    assert not any("$ref" in part for each in schema.get("$defs", {}).values() for part in parts(each))


@each_form
def test_it_is_a_schema_that_valid_answers_fit(form: Any) -> None:
    """In the draft that the provider prefers; the answer has every key."""
    schema = schema_of(form)
    jsonschema.Draft202012Validator.check_schema(schema)

    filled = form.model_validate_json(form.model_validate(VALID[form], strict=False).model_dump_json())
    jsonschema.validate(filled.model_dump(mode="json"), schema, jsonschema.Draft202012Validator)
