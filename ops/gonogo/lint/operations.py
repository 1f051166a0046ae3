"""Alembic's operations in a revision's source: calls, types before a change, enum types."""

import ast
from collections.abc import Iterator, Sequence
from typing import TypedDict

from gonogo.lint.records import Call
from gonogo.lint.trees import below

_ENUMS = {"Enum", "ENUM", "PGEnum", "PgEnum"}
_TYPES = {
    "Text": "text", "UnicodeText": "text", "Integer": "integer", "INTEGER": "integer", "BigInteger": "bigint",
    "BIGINT": "bigint", "SmallInteger": "smallint", "SMALLINT": "smallint", "Boolean": "boolean", "Date": "date",
    "Float": "double precision", "JSON": "json", "JSONB": "jsonb", "UUID": "uuid", "Uuid": "uuid", "TEXT": "text",
    "LargeBinary": "bytea", "BYTEA": "bytea", "REAL": "real", "DATE": "date", "BOOLEAN": "boolean", "CIDR": "cidr",
    "INET": "inet",
}  # fmt: skip
_SIZED = {
    "String": "varchar", "VARCHAR": "varchar", "Unicode": "varchar", "AutoString": "varchar", "CHAR": "char",
    "Numeric": "numeric", "NUMERIC": "numeric", "DECIMAL": "numeric",
}  # fmt: skip
_TIMES = {"DateTime": "timestamp", "TIMESTAMP": "timestamp", "Time": "time"}


class Types(TypedDict):
    """What a source says of types, by the fields of its record."""

    enums: tuple[tuple[str, int], ...]
    bare_enums: tuple[tuple[str, int], ...]
    made_enums: frozenset[str]
    existing_types: dict[tuple[str, str], str]


def read_types(functions: Sequence[ast.FunctionDef], module: ast.Module) -> Types:
    """Return the enum types that operations use and make, and the types of columns before a change."""
    variables = _enum_variables(module)
    found: Types = {"enums": (), "bare_enums": (), "made_enums": _made(module, variables), "existing_types": {}}
    for function in functions:
        batches = _batches(function)
        for node in below(function):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            if node.func.attr == "create_table":
                found["enums"] += tuple(_enums(node, variables))
            elif node.func.attr == "add_column":
                found["bare_enums"] += tuple(_enums(node, variables))
            elif node.func.attr == "alter_column":
                found["existing_types"] |= _existing(node, batches)
    return found


def calls(function: ast.FunctionDef) -> Iterator[Call]:
    """Yield the calls of a function with the texts that they are handed."""
    for node in below(function):
        if isinstance(node, ast.Call):
            words = tuple(
                each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )
            named = {each.arg: each.value.value for each in node.keywords if isinstance(each.value, ast.Constant)}
            yield Call(
                name=ast.unparse(node.func),
                line=node.lineno,
                end=node.end_lineno or node.lineno,
                words=words,
                schema=str(named.get("schema") or ""),
            )


def _called(call: ast.Call) -> str:
    """Return the last part of the name of what is called; empty where it has none."""
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _enum_name(node: ast.AST) -> str:
    """Return the name of an enum type that a call describes and would make; empty for any other."""
    if not isinstance(node, ast.Call) or _called(node) not in _ENUMS:
        return ""
    given = {each.arg: each.value.value for each in node.keywords if isinstance(each.value, ast.Constant)}
    if given.get("create_type") is False or given.get("native_enum") is False:
        return ""
    return str(given.get("name", ""))


def _enum_variables(module: ast.Module) -> dict[str, str]:
    """Return enum types by the variables that hold them."""
    return {
        target.id: name
        for node in below(module)
        if isinstance(node, ast.Assign) and (name := _enum_name(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _enums(call: ast.Call, variables: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Yield the enum types that a call's columns use."""
    for node in below(call):
        name = variables.get(node.id, "") if isinstance(node, ast.Name) else _enum_name(node)
        if name:
            yield name, getattr(node, "lineno", call.lineno)


def _made(module: ast.Module, variables: dict[str, str]) -> frozenset[str]:
    """Return the enum types for which the file calls `.create(…)`."""
    found = set[str]()
    for node in below(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "create":
            owner = node.func.value
            found.add(variables.get(owner.id, "") if isinstance(owner, ast.Name) else _enum_name(owner))
    return frozenset(found - {""})


def _batches(function: ast.FunctionDef) -> dict[str, str]:
    """Return the tables of batch operations by the names that they are worked on with."""
    found = {}
    for node in below(function):
        for item in node.items if isinstance(node, ast.With) else ():
            call, name = item.context_expr, item.optional_vars
            if (
                isinstance(call, ast.Call)
                and "batch_alter_table" in ast.unparse(call.func)
                and isinstance(name, ast.Name)
            ):
                found[name.id] = _text(call.args[0]) if call.args else ""
    return found


def _existing(call: ast.Call, batches: dict[str, str]) -> dict[tuple[str, str], str]:
    """Return the type that a column had, as a call says."""
    assert isinstance(call.func, ast.Attribute)  # noqa: S101  # the caller has looked
    owner = ast.unparse(call.func.value)
    given = {each.arg: each.value for each in call.keywords}
    first = [_text(each) for each in call.args]
    names = [batches[owner], *first] if owner in batches else first
    names += [_text(given[key]) for key in ("table_name", "column_name") if key in given]
    if len(names) < len(("table", "column")) or "existing_type" not in given:
        return {}
    return {(names[0], names[1]): sql_type(given["existing_type"])}


def _text(node: ast.AST) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


def sql_type(node: ast.expr) -> str:
    """Return the SQL type that a SQLAlchemy type stands for; empty for one that is not known."""
    name = ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
    arguments = [*node.args, *(each.value for each in node.keywords)] if isinstance(node, ast.Call) else []
    numbers = [str(each.value) for each in arguments if isinstance(each, ast.Constant) and type(each.value) is int]
    if name in _SIZED:
        return f"{_SIZED[name]}({','.join(numbers)})" if numbers else _SIZED[name]
    if name in _TIMES:
        has_zone = any(isinstance(each, ast.Constant) and each.value is True for each in arguments)
        return f"{_TIMES[name]} with time zone" if has_zone else _TIMES[name]
    return _TYPES.get(name, "")
