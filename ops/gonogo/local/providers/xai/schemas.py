"""What a structured output's schema may not hold: each of it is refused when it is asked for."""

from collections.abc import Iterator, Mapping
from typing import Any

from gonogo.local.providers.xai.failures import invalid

_BELOW = ("properties", "$defs", "definitions")
_LISTS = ("anyOf", "oneOf", "allOf")
_DEEPEST = 64


def check(schema: Any) -> None:  # JSON
    """Look through a schema.

    Raises:
        Failed: something in it is not supported.
    """
    if not isinstance(schema, Mapping):
        raise invalid("Invalid JSON schema: not an object")
    for found in _problems(schema, 0):
        raise invalid(f"Invalid JSON schema: {found}")


def _problems(schema: Any, depth: int) -> Iterator[str]:  # JSON
    if depth > _DEEPEST:
        yield "nested too deeply"
        return
    if isinstance(schema, bool):
        yield "a schema that is true or false is not supported"
    if not isinstance(schema, Mapping):
        return
    yield from _here(schema)
    for below in _parts(schema):
        yield from _problems(below, depth + 1)


def _here(schema: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} is empty" for name in ("enum", "anyOf") if name in schema and not schema[name])
    yield from (f"{name} is not supported" for name in ("minContains", "maxContains") if name in schema)
    if isinstance(schema.get("items"), list):
        yield "items in the form of an array is not supported"


def _parts(schema: Mapping[str, Any]) -> Iterator[Any]:
    for name in _BELOW:
        if isinstance(schema.get(name), Mapping):
            yield from schema[name].values()
    for name in _LISTS:
        if isinstance(schema.get(name), list):
            yield from schema[name]
    if isinstance(schema.get("items"), Mapping):
        yield schema["items"]
