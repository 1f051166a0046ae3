"""A good answer: fits the schema that was asked for, and is made from the request alone, so that it is always the same.

What a field is called says what belongs in it: a task's title is the first line of the text, a plan has the tasks that
were given, an answer speaks of the first passage that was given and cites it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gonogo.local.providers.xai.asking import Asked

_TITLE_MAX = 200
_CITED = 3
_PRIORITY = 3
_NOBODY = "00000000-0000-4000-8000-000000000000"


def answer(asked: Asked) -> str:
    """Return the text that a model would answer with."""
    if asked.schema is None:
        return f"Noted: {_first_line(asked.data)}"
    return json.dumps(payload(asked))


def payload(asked: Asked) -> Any:  # JSON
    """Return an answer that fits the schema."""
    schema = asked.schema or {}
    return _Filler(root=schema, data=asked.data).value(schema, "", {})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Filler:
    """Fills a schema in.

    Attributes:
        root: where references begin.
        data: what the user said.
    """

    root: Mapping[str, Any]
    data: Mapping[str, Any]

    def value(self, schema: Mapping[str, Any], name: str, about: Mapping[str, Any]) -> Any:  # JSON
        """Return a value for a field.

        Args:
            schema: the field's.
            name: what it is called.
            about: the task or the passage that it is about.
        """
        known = self._known(name, about)
        chosen = _chosen(self._resolved(schema), prefer_null=known is None)
        chosen = self._resolved(chosen)
        if "const" in chosen:
            return chosen["const"]
        if "enum" in chosen:
            return known if known in chosen["enum"] else chosen["enum"][0]
        return self._typed(chosen, name, about)

    def _typed(self, schema: Mapping[str, Any], name: str, about: Mapping[str, Any]) -> Any:  # JSON
        match _type(schema):
            case "object":
                fields = schema.get("properties", {})
                return {each: self.value(form, each, about) for each, form in fields.items()}
            case "array":
                return self._array(schema, name)
            case "string":
                return self._text(schema, name, about)
            case "integer" | "number":
                return self._number(schema, name, about)
            case "boolean":
                return False
            case _:
                return None

    def _array(self, schema: Mapping[str, Any], name: str) -> list[Any]:
        form = self._resolved(schema.get("items", {}))
        if name == "citations":
            return [self._known_id(each) for each in _listed(self.data, "passages")[:_CITED]]
        if "task_id" in form.get("properties", {}):
            most = schema.get("maxItems", len(_listed(self.data, "tasks")))
            return [self.value(form, "", each) for each in _listed(self.data, "tasks")[:most]]
        count = 1 if name == "tasks" else int(schema.get("minItems", 0))
        return [self.value(form, name, {}) for _ in range(count)]

    def _text(self, schema: Mapping[str, Any], name: str, about: Mapping[str, Any]) -> str:
        known = self._known(name, about)
        formats = {
            "date": datetime.now(UTC).date().isoformat(),
            "date-time": datetime.now(UTC).isoformat(),
            "uuid": _NOBODY,
        }
        text = str(known) if known is not None else formats.get(str(schema.get("format")), "")
        return text[: schema.get("maxLength", len(text))].ljust(int(schema.get("minLength", 0)), "x")

    def _number(self, schema: Mapping[str, Any], name: str, about: Mapping[str, Any]) -> float:
        known = self._known(name, about)
        least: float = schema.get("minimum", 0)
        value: float = known if isinstance(known, int | float) else least
        most: float = schema.get("maximum", value)
        return max(least, min(most, value))

    def _known(self, name: str, about: Mapping[str, Any]) -> Any:  # JSON
        """Return what belongs in a field of this name; None when nothing is known."""
        passages = _listed(self.data, "passages")
        found: Mapping[str, Any] = {
            "title": _first_line(about or self.data),
            "task_id": self._known_id(about),
            "reason": "It is the next thing to do.",
            "priority": about.get("priority", _PRIORITY),
            "answer": str(passages[0].get("text") or _first_line(self.data)) if passages else "Nothing speaks of that.",
            "confidence": 0.8 if passages else 0.1,
        }
        return found.get(name)

    def _known_id(self, about: Mapping[str, Any]) -> str:
        return str(about.get("id") or about.get("task_id") or _NOBODY)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a schema with its reference followed."""
        while isinstance(schema.get("$ref"), str):
            found: Any = self.root
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema


def _chosen(schema: Mapping[str, Any], *, prefer_null: bool) -> Mapping[str, Any]:
    """Return one of several forms: null where it may be and nothing is known, else the first that is not."""
    options: Sequence[Mapping[str, Any]] = schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf") or ()
    if isinstance(schema.get("type"), list):
        options = [{**schema, "type": each} for each in schema["type"]]
    if not options:
        return schema
    nulls = [each for each in options if each.get("type") == "null"]
    others = [each for each in options if each.get("type") != "null"]
    return nulls[0] if nulls and (prefer_null or not others) else others[0]


def _type(schema: Mapping[str, Any]) -> str:
    return str(schema.get("type") or ("object" if "properties" in schema else "string"))


def _listed(data: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a list of objects from what the user said, wherever it stands."""
    found = data.get(name)
    if isinstance(found, list):
        return [each for each in found if isinstance(each, Mapping)]
    inner = [each for each in data.values() if isinstance(each, Mapping)]
    return next((rows for each in inner if (rows := _listed(each, name))), [])


def _first_line(data: Mapping[str, Any]) -> str:
    """Return the first line of what was said, under whichever name."""
    said = next((data[name] for name in ("text", "title", "thought", "question", "query") if data.get(name)), "")
    lines = str(said).strip().splitlines()
    return lines[0].strip()[:_TITLE_MAX] if lines else "Something"
