"""The repository's own files, read once."""

import ast
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
_LEFT_OUT = {".git", ".venv", ".gonogo", ".nox"}


@cache
def files() -> tuple[Path, ...]:
    """Return every file of the repository, those that are not committed yet too."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return tuple(path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file())
    paths = (path for path in ROOT.rglob("*") if path.is_file())
    return tuple(path for path in paths if not {*path.relative_to(ROOT).parts} & _LEFT_OUT and "cache" not in str(path))


def modules(*folders: str) -> tuple[Path, ...]:
    """Return the Python files below some folders; tests are left out."""
    found = (path for path in files() if path.suffix == ".py" and "tests" not in path.parts)
    return tuple(path for path in found if any(path.is_relative_to(ROOT / folder) for folder in folders))


def suites() -> tuple[Path, ...]:
    """Return the Python files of the tests."""
    return tuple(path for path in files() if path.suffix == ".py" and "tests" in path.parts)


@cache
def texts(suffix: str = "") -> dict[str, str]:
    """Return the text of every file with an ending by its name; what is not text is left out."""
    found = {}
    for path in files():
        content = path.read_bytes()
        if path.name.endswith(suffix) and b"\0" not in content:
            found[name_of(path)] = content.decode("utf-8")
    return found


def name_of(path: Path) -> str:
    """Return a path as people write it."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Return the top-level packages that a module imports anywhere."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found


def code_lines(path: Path, node: ast.AST) -> int:
    """Return how many lines of a module or a function hold code: no docstring, no comment, no blank line."""
    code = _code(path)
    return len(code & {*range(getattr(node, "lineno", 1), getattr(node, "end_lineno", max(code, default=0)) + 1)})


@cache
def _code(path: Path) -> frozenset[int]:
    """Return the numbers of a module's lines that hold code."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    written = {number for number, line in lines if line.strip() and not line.strip().startswith("#")}
    return frozenset(written - _docstrings(tree(path)))


def _docstrings(module: ast.Module) -> set[int]:
    """Return the lines of every docstring of a module."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    strings = (
        each.body[0]
        for each in ast.walk(module)
        if isinstance(each, documented) and ast.get_docstring(each, clean=False) is not None
    )
    return {number for string in strings for number in range(string.lineno, (string.end_lineno or 0) + 1)}
