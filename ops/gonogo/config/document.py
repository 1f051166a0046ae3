"""gonogo.toml as a document: its tables, texts and records, and every problem that is met while reading them.

May not know what a key means.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from gonogo.errors import ConfigurationError, UsageError

FILE = "gonogo.toml"


@dataclass(slots=True)
class Problems:
    """Problems found while reading; asked for all at once at the end."""

    found: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        """Note one problem, in a sentence."""
        self.found.append(problem)


def read(path: Path) -> dict[str, Any]:
    """Return the parsed file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"there is no {FILE} in {path.parent.name or path.parent}"
        raise ConfigurationError("config-missing", message, hint="run from the repository's root") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError("config-unreadable", f"{FILE} cannot be read: {error}") from None


def environment_of(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an environment's table."""
    known = document.get("environments", {})
    if name in known and isinstance(known[name], dict):
        return dict(known[name])
    message = f"there is no environment called {name!r}"
    hint = f"use one of: {', '.join(sorted(known))}" if known else f"write [environments.{name}] in {FILE}"
    raise UsageError("unknown-environment", message, where=FILE, hint=hint)


def table_of(
    document: Mapping[str, Any], name: str, problems: Problems, *, keys: Collection[str] = ()
) -> Mapping[str, Any]:
    """Return a table by its dotted name, whose keys are to be among those known where there are any."""
    table = document.get(name.rsplit(".", 1)[-1], {})
    if not isinstance(table, dict):
        problems.add(f"{name} is not a table: write [{name}] in {FILE}")
        return {}
    for key in sorted(set(table) - set(keys or table)):
        problems.add(f"{name}.{key} is not a key of {FILE}")
    return table


def text_of(table: Mapping[str, Any], key: str, problems: Problems) -> str:
    """Return a text value by its dotted key."""
    value = table.get(key.rsplit(".", 1)[-1])
    if isinstance(value, str) and value.strip():
        return value
    problems.add(f"{key} {'is no text' if value else 'is missing'}: set it in {FILE}")
    return ""


def flag_of(table: Mapping[str, Any], key: str, problems: Problems) -> bool:
    """Return a value that is true or false by its dotted key; false when it is not there."""
    value = table.get(key.rsplit(".", 1)[-1], False)
    if not isinstance(value, bool):
        problems.add(f"{key} must be true or false, without quotes")
    return value is True


def words_of(given: object, key: str, problems: Problems) -> tuple[str, ...]:
    """Return a command, a list of texts."""
    if isinstance(given, list) and all(isinstance(word, str) for word in given):
        return tuple(given)
    problems.add(f"{key} must be a list of texts: set it in {FILE}")
    return ()


def path_inside(root: Path, given: object, key: str, problems: Problems) -> Path:
    """Return a path below the repository's root."""
    path = root / given if isinstance(given, str) and given else root
    if path == root or not path.resolve().is_relative_to(root.resolve()):
        problems.add(f"{key} must be a path below the repository's root: set it in {FILE}")
    return path


def record_of(kind: type[Any], document: Mapping[str, Any], name: str, problems: Problems) -> Any:
    """Return a record of texts and commands from a table with the same keys; `{"a": ["b"]}` gives tuples.

    A key whose field has a default may be left out.
    """
    table = table_of(document, name, problems, keys=[each.name for each in fields(kind)])
    values = {}
    for each in fields(kind):
        if each.name not in table and each.default is not MISSING:
            continue
        value = table.get(each.name)
        wanted: type = str if each.type in {"str", str} else list
        if not isinstance(value, wanted) or not value:
            problems.add(f"{name}.{each.name} is missing or not a {wanted.__name__}: set it in {FILE}")
        values[each.name] = words_of(value, f"{name}.{each.name}", problems) if isinstance(value, list) else value
    return kind(**values)
