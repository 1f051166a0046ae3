"""Compatibility: whether whoever reads an answer by its old schema can read it by the new one.

The schemas are those of answers, so that less may come than before, and never something that was not foreseen:
docs/reference/contracts/README.md has the rules in words.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]
# A bound may become tighter, never looser.
_LEAST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_EXACT = ("format", "pattern", "multipleOf")
_DEEPEST = 20
_KINDS_BY_TYPE = {
    "string": "text",
    "null": "nothing",
    "object": "an object",
    "array": "a list",
    "boolean": "a boolean",
    "integer": "an integer",
    "number": "a number",
}


def breaks(old: Schema, new: Schema) -> list[str]:
    """Return what a reader of the old schema trips over in the new one, each with its place; empty if over nothing.

    Args:
        old: A JSON Schema; references stay inside of it.
        new: Another one.
    """
    return list(_breaks(_Side(schema=old, root=old), _Side(schema=new, root=new), place="answer"))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Side:
    schema: Schema
    root: Schema

    def at(self, schema: Schema) -> "_Side":
        """Return the part that a schema describes, behind its reference."""
        while "$ref" in schema:
            target: Any = self.root
            for step in str(schema["$ref"]).removeprefix("#/").split("/"):
                target = target[step]
            schema = {**target, **{key: value for key, value in schema.items() if key != "$ref"}}
        return _Side(schema=schema, root=self.root)

    def get(self, key: str, default: Any = None) -> Any:
        return self.schema.get(key, default)


def _breaks(old: _Side, new: _Side, *, place: str) -> Iterator[str]:
    if place.count(".") + place.count("[]") > _DEEPEST:
        return
    known = _alternatives(old)
    for each in _alternatives(new):
        yield from _unforeseen(known, each, place=place)


def _unforeseen(known: list[_Side], new: _Side, *, place: str) -> Iterator[str]:
    found = [list(_differences(old, new, place=place)) for old in known if _kind(new) in _readable(_kind(old))]
    if not found:
        yield f"{place} may be {_kind(new)} now"
    else:
        yield from min(found, key=len)


def _readable(kind: str) -> set[str]:
    # Who reads anything reads everything; who reads numbers reads whole ones.
    return {"anything": {*_KINDS_BY_TYPE.values(), kind}, "a number": {"a number", "an integer"}}.get(kind, {kind})


def _alternatives(side: _Side) -> list[_Side]:
    side = side.at(side.schema)
    for key in ("anyOf", "oneOf"):
        if key in side.schema:
            return [found for each in side.schema[key] for found in _alternatives(side.at(each))]
    kinds = side.get("type")
    if isinstance(kinds, list):
        return [side.at({**side.schema, "type": kind}) for kind in kinds]
    return [side]


def _kind(side: _Side) -> str:
    values = _values(side)
    if "type" not in side.schema and values:
        return "text" if all(isinstance(value, str) for value in values) else "anything"
    return _KINDS_BY_TYPE.get(str(side.get("type")), "anything")


def _differences(old: _Side, new: _Side, *, place: str) -> Iterator[str]:
    for rule in _RULES:
        yield from rule(old, new, place)


def _other_values(old: _Side, new: _Side, place: str) -> Iterator[str]:
    before, after = _values(old), _values(new)
    if before is not None and after is None:
        yield f"{place} may be any value now"
    for value in after or ():
        if before is not None and value not in before:
            yield f"{place} may be {value!r} now"


def _values(side: _Side) -> list[Any] | None:
    if "const" in side.schema:
        return [side.schema["const"]]
    values: list[Any] | None = side.get("enum")
    return values


def _other_bounds(old: _Side, new: _Side, place: str) -> Iterator[str]:
    for name in (*_LEAST, *_MOST, *_EXACT):
        before, after = old.get(name), new.get(name)
        if before is not None and not _is_as_tight(name, before, after):
            yield f"{place} has {name} {after} instead of {before}"


def _is_as_tight(name: str, before: Any, after: Any) -> bool:
    if after is None or name in _EXACT:
        return bool(after == before)
    return bool(after >= before if name in _LEAST else after <= before)


def _other_properties(old: _Side, new: _Side, place: str) -> Iterator[str]:
    after = new.get("properties", {})
    for name, schema in old.get("properties", {}).items():
        inside = f"{place}.{name}"
        if name not in after:
            yield f"{inside} is gone"
            continue
        if name in old.get("required", ()) and name not in new.get("required", ()):
            yield f"{inside} may be missing now"
        yield from _breaks(old.at(schema), new.at(after[name]), place=inside)
    if old.get("additionalProperties") is False:
        yield from (f"{place}.{name} was ruled out" for name in after if name not in old.get("properties", {}))


def _other_items(old: _Side, new: _Side, place: str) -> Iterator[str]:
    for name, inside in (("items", f"{place}[]"), ("additionalProperties", f"{place}.*")):
        before, after = old.get(name), new.get(name)
        if isinstance(before, Mapping):
            yield from _breaks(old.at(before), new.at(after if isinstance(after, Mapping) else {}), place=inside)


_RULES: tuple[Callable[[_Side, _Side, str], Iterator[str]], ...] = (
    _other_values,
    _other_bounds,
    _other_properties,
    _other_items,
)
