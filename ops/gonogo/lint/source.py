"""A revision's file, read without running it: what it says of itself, and what its SQL alone would not show."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import PurePath

from gonogo.lint import operations
from gonogo.lint.records import Source
from gonogo.lint.trees import below
from gonogo.lint.waiving import read_waivers

_KINDS = ("expand", "contract", "data")
# Behind the revision's number; a file may be about data without being a data revision, so that word needs a date.
_NAMED_KIND = re.compile(r"(?:(?:\d+|[0-9a-f]{4,})[_-])*+(expand|contract)[_-]|\d{8,}[\d_-]*_(data)_")
_READS = re.compile(r"\.(?:execute|fetchall|all|scalars|query|mappings|exec)\(")
_BOUNDED = re.compile(r"limit|fetchmany|partitions\(|range\(|chunk|batch", re.IGNORECASE)
_WRITES = {"execute", "add", "merge", "delete", "update", "exec", "bulk_update_mappings", "execute_many"}
_OURS = re.compile(r"get_bind\(\)|get_context\(\)\.(?:connection|bind)|context\.connection")
_SQL = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*(?:alter|create|drop|truncate|update|delete|insert|merge|with|do|lock|grant|revoke|vacuum|refresh|"
    r"cluster|reindex|commit)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def read_source(text: str, path: str) -> Source:
    """Return what a revision's file says.

    Args:
        text: the file.
        path: where it is; its name may say the kind.
    """
    waivers, bad = read_waivers(text)
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        unread = f"no Python: line {getattr(error, 'lineno', 0)}: {error}"
        return Source(waivers=waivers, bad_waivers=bad, unread=unread)
    constants = _constants(module)
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    downgrade = functions.get("downgrade")
    back = {*_reached(functions, "downgrade")} - {*_reached(functions, "upgrade")}
    forward = [node for name, node in functions.items() if name not in back]
    return Source(
        title=(ast.get_docstring(module) or "").split("\n", 1)[0].strip(),
        kind=_kind(constants, path),
        reversible=_declared(constants.get("reversible")),
        downgrade=_sort(downgrade),
        downgrade_line=downgrade.lineno if downgrade else 0,
        imports=tuple(_imports(module)),
        commits=tuple(line for node in forward for line in _commits(node)),
        loops=tuple(line for node in forward for line in _loops(node)),
        **operations.read_types(forward, module),
        waivers=waivers,
        bad_waivers=bad,
        autocommit=tuple(span for node in forward for span in _autocommit(node)),
        literals=tuple(span for node in forward for span in _literals(node, constants)),
        undone=tuple((sql, line) for name in back for sql, line, _ in _literals(functions[name], constants)),
        downgrade_calls=tuple(call for name in back for call in operations.calls(functions[name])),
    )


def _constants(module: ast.Module) -> dict[str, object]:
    """Return the module's plain values by their names."""
    found: dict[str, object] = {}
    for node in module.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        value = getattr(node, "value", None)
        if isinstance(value, ast.Constant):
            found |= {target.id: value.value for target in targets if isinstance(target, ast.Name)}
    return found


def _declared(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _kind(constants: dict[str, object], path: str) -> str:
    """Return the kind that the file declares, or that its name says."""
    declared = constants.get("kind")
    if declared in _KINDS:
        return str(declared)
    named = _NAMED_KIND.match(PurePath(path).stem)
    return (named[1] or named[2]) if named else ""


def _reached(functions: dict[str, ast.FunctionDef], start: str) -> set[str]:
    """Return the module's functions that one of them leads to, itself included."""
    found, waiting = set[str](), [start]
    while waiting:
        name = waiting.pop()
        if name in functions and name not in found:
            found.add(name)
            waiting += [node.id for node in below(functions[name]) if isinstance(node, ast.Name)]
    return found


def _sort(downgrade: ast.FunctionDef | None) -> str:
    """Return what a downgrade is: written, raising, empty or missing."""
    if downgrade is None:
        return "missing"
    body = [node for node in downgrade.body if not _is_idle(node)]
    if not body:
        return "empty"
    return "raises" if isinstance(body[0], ast.Raise) else "written"


def _is_idle(node: ast.stmt) -> bool:
    """Return whether a statement does nothing: `pass`, a docstring, `...`, a bare return."""
    is_empty_return = isinstance(node, ast.Return) and (node.value is None or isinstance(node.value, ast.Constant))
    return (
        isinstance(node, ast.Pass)
        or is_empty_return
        or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    )


def _imports(module: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield each imported module; relative ones with their dots."""
    for node in below(module):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or ""), node.lineno


def _commits(function: ast.FunctionDef) -> Iterator[int]:
    """Yield the lines that commit or roll back the connection that the migration runs on."""
    ours = {
        target.id
        for node in below(function)
        if isinstance(node, ast.Assign) and re.search(rf"(?:{_OURS.pattern})$", ast.unparse(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in below(function):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in {"commit", "rollback"}
        ):
            receiver = ast.unparse(node.func.value)
            if receiver in ours or _OURS.search(receiver):
                yield node.lineno


def _loops(function: ast.FunctionDef) -> Iterator[int]:
    """Yield the loops that write, row by row, what was read as a whole."""
    values = {
        target.id: ast.unparse(node.value)
        for node in below(function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    # Rows that are handed on with the statement that writes them.
    handed = {
        node.args[1]
        for node in below(function)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _WRITES and len(node.args) > 1
    }
    for node in below(function):
        if isinstance(node, ast.For):
            read, is_written = node.iter, _writes(node)
        elif isinstance(node, ast.ListComp | ast.GeneratorExp):
            read, is_written = node.generators[0].iter, node in handed
        else:
            continue
        source = ast.unparse(read)
        for name in {each.id for each in below(read) if isinstance(each, ast.Name)}:
            source += f" {values.get(name, '')}"
        if is_written and _READS.search(source) and not _BOUNDED.search(source):
            yield node.lineno


def _writes(loop: ast.For) -> bool:
    """Return whether a loop's body writes: it calls what writes, or sets an attribute of the row."""
    row = {node.id for node in below(loop.target) if isinstance(node, ast.Name)}
    for node in (each for part in loop.body for each in below(part)):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in _WRITES:
            return True
        if isinstance(node, ast.Assign):
            owners = [target.value for target in node.targets if isinstance(target, ast.Attribute)]
            if any(isinstance(owner, ast.Name) and owner.id in row for owner in owners):
                return True
    return False


def _autocommit(function: ast.FunctionDef) -> Iterator[tuple[int, int]]:
    """Yield the first and the last line of each block that commits by itself."""
    for node in below(function):
        if isinstance(node, ast.With) and any(
            "autocommit_block" in ast.unparse(item.context_expr) for item in node.items
        ):
            yield node.lineno, node.end_lineno or node.lineno


def _literals(function: ast.FunctionDef, constants: dict[str, object]) -> Iterator[tuple[str, int, int]]:
    """Yield SQL that is written out, with the lines of the statement that holds it."""
    for node in below(function):
        if not isinstance(node, ast.Expr | ast.Assign | ast.Return | ast.AnnAssign) or node.value is None:
            continue
        if isinstance(node.value, ast.Constant) and isinstance(node, ast.Expr):
            continue
        rows = {part for call in below(node.value) if _is_bulk_insert(call) for part in below(call)}
        for each in below(node.value):
            if each in rows:
                continue
            value = constants.get(each.id) if isinstance(each, ast.Name) else getattr(each, "value", None)
            if isinstance(value, str) and _SQL.match(value) and " " in value.strip():
                yield value, node.lineno, node.end_lineno or node.lineno


def _is_bulk_insert(node: ast.AST) -> bool:
    """Return whether a call inserts rows: their texts are no SQL."""
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "bulk_insert"
