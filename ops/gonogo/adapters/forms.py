"""Forms that JSON documents must have: each field that is missing, unknown or of another kind is told."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a pattern describes, in words for people."""

    pattern: str
    words: str


@dataclass(frozen=True, slots=True)
class Maybe:
    """Something or null."""

    form: Any


@dataclass(frozen=True, slots=True)
class Table:
    """An object with any keys and values of one form."""

    form: Any


ANY = Text(r"(?s).*", "a text")
SHA = Text(r"[0-9a-f]{64}", "64 hexadecimal digits")
SUM = Text(r"-?\d+", "a whole number in quotes")
TIME = Text(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "a time like 2026-11-21T02:30:00Z")
VERSION = Text(r"\d+\.\d+|\d+(devel|beta\d+|rc\d+)", "a version like 18.4")


def loaded(path: Path) -> tuple[Any, list[str]]:
    """Return a file's JSON, or why it is none."""
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_object), []
    except OSError as error:
        return None, [f"{path.name} cannot be read: {error.strerror}"]
    except (ValueError, RecursionError) as error:
        return None, [f"{path.name} is not a manifest: {error}"]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object; a key that stands there twice would hide a value."""
    names = [name for name, _ in pairs]
    if twice := repeated(names):
        message = f"the key {', '.join(twice)} stands there twice"
        raise ValueError(message)
    return dict(pairs)


def repeated(names: Sequence[str]) -> list[str]:
    """Return what is there more than once."""
    return sorted(name for name, count in Counter(names).items() if count > 1)


def problems(value: Any, form: Any, where: str) -> Iterator[str]:
    """Yield where a value is not of a form."""
    match form:
        case dict():
            yield from _of_fields(value, form, where)
        case Table(each):
            yield from _of_parts(dict, value, dict.fromkeys(value, each) if isinstance(value, dict) else {}, where)
        case [each]:
            yield from _of_parts(list, value, dict.fromkeys(range(len(value)), each) if _is_list(value) else {}, where)
        case tuple():
            is_right = _is_list(value) and len(value) == len(form)
            yield from _of_parts(list, value if is_right else None, dict(enumerate(form)) if is_right else {}, where)
        case Maybe(each):
            yield from () if value is None else problems(value, each, where)
        case _:
            yield from _of_scalar(value, form, where)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _of_fields(value: Any, form: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield the problems of an object with known fields."""
    if not isinstance(value, dict):
        yield f"{where or 'it'} is not an object"
        return
    prefix = f"{where}." if where else ""
    yield from (f"{prefix}{key} is missing" for key in form if key not in value)
    yield from (f"{prefix}{key} is unknown" for key in value if key not in form)
    for key in form.keys() & value.keys():
        yield from problems(value[key], form[key], f"{prefix}{key}")


def _of_parts(kind: type[Any], value: Any, forms: Mapping[Any, Any], where: str) -> Iterator[str]:
    """Yield the problems of each value in an object or a list."""
    if not isinstance(value, kind):
        yield f"{where} is not {'an object' if kind is dict else 'a list of the right length'}"
        return
    for key, form in forms.items():
        yield from problems(value[key], form, f"{where}[{key}]")


def _of_scalar(value: Any, form: Any, where: str) -> Iterator[str]:
    """Yield the problem of a number or a text."""
    if form is int:
        may_be_negative = "sequences" in where
        if not isinstance(value, int) or isinstance(value, bool) or (value < 0 and not may_be_negative):
            yield f"{where} is not a whole number"
    elif not isinstance(value, str) or not re.fullmatch(form.pattern, value):
        yield f"{where} is not {form.words}"
    elif form is TIME:
        try:
            datetime.fromisoformat(value)
        except ValueError:
            yield f"{where} is no time that ever was: {value}"
