"""The SQL that stands in a release's code as text: also where no test comes by."""

import ast
import os
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

from gonogo.model.schemas import Sent

_SQL = re.compile(
    r"\s*(?:SELECT\s.*\sFROM\s|INSERT\s+INTO\s|UPDATE\s.*\sSET\s|DELETE\s+FROM\s|WITH\s.*\sAS\s*\()",
    re.IGNORECASE | re.DOTALL,
)
# How drivers and SQLAlchemy write a value: :name (never ::type), %(name)s, %s; $1 is PostgreSQL's own.
_VALUE = re.compile(r"(?<![:\w]):([a-zA-Z_]\w*)|%\((\w+)\)s|%s")
_NOT_OURS = {
    "node_modules",
    "venv",
    "env",
    "__pycache__",
    "site-packages",
    "migrations",
    "alembic",
    "versions",
    "tests",
}


def literals(root: Path) -> tuple[Sent, ...]:
    """Return the statements in a tree's Python files, with `$1` for each value; which of them are SQL a server says.

    Migrations and tests are left out: they are not what runs.
    """
    found = {_numbered(text): None for path in _files(root) for text in _texts(path) if _SQL.match(text)}
    return tuple(Sent(sql=sql) for sql in found)


def _files(root: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_OURS]
        yield from (Path(place) / name for name in names if name.endswith(".py") and not name.startswith("test_"))


def _texts(path: Path) -> Iterator[str]:
    """Yield the literal texts of a file; one that is put together while it runs is not whole, and left out."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.value


def _numbered(text: str) -> str:
    """Return a statement with a number for each name, the same one for the same name."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        name = found[1] or found[2] or f"%s {len(names)}"
        return f"${names.setdefault(name, len(names) + 1)}"

    return _VALUE.sub(number, text.strip().rstrip(";"))
