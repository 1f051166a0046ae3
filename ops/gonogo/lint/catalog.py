"""The schema as the revisions so far have left it, and each action seen against it."""

import re
from dataclasses import dataclass, field

from gonogo.lint.records import Act, Action
from gonogo.lint.scanning import key

_NOT_NULL = re.compile(r'\(*("?[^"()]+"?) is not null\)*')


@dataclass(slots=True)
class Catalog:
    """What is known of a schema.

    Attributes:
        types: of columns, by table and column.
        checks: condition and validity of check constraints, by table and name.
        proved: tables of which a constraint was validated that nobody saw added.
        enums: enum types.
        views: views of any sort.
        indexes: tables by their indexes.
        keys: columns that are a key or a part of one, by their tables.
        domains: domains that a value may not fit.
        required: columns that are NOT NULL, by table and column.
        closed: functions that PUBLIC may not execute any more; `*` for all that come.
    """

    types: dict[tuple[str, str], str] = field(default_factory=dict)
    checks: dict[tuple[str, str], tuple[str, bool]] = field(default_factory=dict)
    proved: set[str] = field(default_factory=set)
    enums: set[str] = field(default_factory=set)
    views: set[str] = field(default_factory=set)
    indexes: dict[str, str] = field(default_factory=dict)
    keys: dict[str, set[str]] = field(default_factory=dict)
    domains: set[str] = field(default_factory=set)
    required: set[tuple[str, str]] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Making:
    """What one revision has made so far: nothing is in it, and nobody waits for it."""

    tables: set[str] = field(default_factory=set)
    columns: set[tuple[str, str]] = field(default_factory=set)
    objects: set[str] = field(default_factory=set)
    settings: dict[str, str] = field(default_factory=dict)


def seen(catalog: Catalog, making: Making, act: Act) -> Act:
    """Return an act with what is known before it; what it changes is then known, too."""
    action = act.action
    table = key(action.table)
    known = Act(
        action=action,
        sql=act.sql,
        line=act.line,
        transaction=act.transaction,
        is_new=_is_new(catalog, making, action),
        old_type=catalog.types.get((table, action.column), "") or act.old_type,
        proof=_proof(catalog, action),
        was=_was(catalog, making, action),
    )
    _note_made(making, action)
    _change(catalog, action)
    return known


def _is_new(catalog: Catalog, making: Making, action: Action) -> bool:
    """Return whether what an action is about was made by the same revision."""
    if action.kind in {"create_table", "create_partition", "create_view", "create_type", "create_domain"}:
        return True
    if action.kind in {"drop_index", "drop_object", "refresh", "alter_index"}:
        return key(action.name) in making.objects or catalog.indexes.get(key(action.name), "-") in making.tables
    if action.kind == "attach_partition":
        return key(action.target) in making.tables
    return key(action.table) in making.tables


def _proof(catalog: Catalog, action: Action) -> str:
    """Return the valid constraint that spares an action its scan."""
    table = key(action.table)
    if action.kind == "attach_partition":
        part = key(action.target)
        return next((name for (owner, name), (_, valid) in catalog.checks.items() if owner == part and valid), "")
    if action.kind != "set_not_null":
        return ""
    for (owner, name), (condition, valid) in catalog.checks.items():
        if owner == table and valid and _says_not_null(condition, action.column):
            return name
    return "a constraint that was validated here" if table in catalog.proved else ""


def _says_not_null(condition: str, column: str) -> bool:
    """Return whether a condition says, alone or with others, that a column is never null."""
    parts = condition.split(" and ") if " or " not in condition else [condition]
    return any((match := _NOT_NULL.fullmatch(part.strip())) and match[1].strip() == column for part in parts)


def _was(catalog: Catalog, making: Making, action: Action) -> str:
    """Return what the schema before knows, by the kind of an action."""
    column = (key(action.table), action.column)
    if action.kind == "alter_type":
        return "utc" if making.settings.get("timezone", "").strip("'").upper() == "UTC" else ""
    if action.kind == "add_column" and key(action.type) in catalog.domains:
        return "domain"
    if action.kind == "drop_default" and column in catalog.required:
        return "required"
    if action.kind in {"drop_column", "rename_column"} and column in making.columns:
        return "new"
    if action.kind in {"update", "delete"} and any(table == column[0] for table, _ in catalog.types):
        return " ".join(["keys", *sorted(catalog.keys.get(column[0], ()))])
    return _object_was(catalog, action)


def _object_was(catalog: Catalog, action: Action) -> str:
    """The same for what is no column."""
    if action.kind == "drop_index":
        return catalog.indexes.get(key(action.name), "")
    if action.kind == "create_view":
        return "there" if key(action.name) in catalog.views else ""
    if action.kind in {"create_function", "alter_function"}:
        return "closed" if {key(action.name), "*"} & catalog.closed else ""
    return ""


def _note_made(making: Making, action: Action) -> None:
    """Note what a revision makes."""
    table = key(action.table)
    if action.kind in {"create_table", "create_partition", "create_domain"}:
        making.tables.add(table)
    elif action.kind == "rename_table" and table in making.tables:
        making.tables.add(key(action.target))
    elif action.kind == "add_column":
        making.columns.add((table, action.column))
    elif action.kind in {"create_view", "create_type", "create_function", "create_index"}:
        making.objects.add(key(action.name))
        if action.type == "materialized view":
            making.tables.add(key(action.name))
    elif action.kind == "set":
        making.settings[action.name] = action.text


def _change(catalog: Catalog, action: Action) -> None:
    """Let the schema be as an action leaves it."""
    table = key(action.table)
    _note_keys(catalog, table, action)
    if action.column:
        _change_column(catalog, table, action)
    elif action.kind == "add_check" and "domain" not in action.flags:
        name = action.name or f"check {len(catalog.checks)}"
        catalog.checks[table, name] = (action.text, "not_valid" not in action.flags)
    elif action.kind == "validate":
        _validate(catalog, table, action.name)
    elif action.kind == "drop_constraint":
        catalog.checks.pop((table, action.name), None)
    elif action.kind == "rename_table":
        _rename_table(catalog, table, key(action.target))
    elif action.kind in {"revoke", "default_revoke"} and "public" in action.flags:
        _close(catalog, action)
    else:
        _change_objects(catalog, action)


def _note_keys(catalog: Catalog, table: str, action: Action) -> None:
    """Note the columns by which few rows are found."""
    found = catalog.keys.setdefault(table, set()) if table else set[str]()
    if action.kind in {"add_primary_key", "add_unique"}:
        found |= {*action.columns}
    elif action.kind == "create_index" and "unique" in action.flags:
        found |= {*re.findall(r"[a-z_]\w*", action.text)}
    elif {"primary_key", "unique", "identity", "serial"} & action.flags:
        found.add(action.column)


def _change_column(catalog: Catalog, table: str, action: Action) -> None:
    """The same for a column."""
    column = (table, action.column)
    if action.kind in {"column", "add_column", "alter_type"}:
        catalog.types[column] = action.type
    if action.kind == "set_not_null" or {"not_null", "primary_key"} & action.flags:
        catalog.required.add(column)
    elif action.kind in {"drop_not_null", "drop_column"}:
        catalog.required.discard(column)
    elif action.kind == "rename_column":
        if column in catalog.types:
            catalog.types[table, action.target] = catalog.types.pop(column)
        if column in catalog.required:
            catalog.required.add((table, action.target))


def _validate(catalog: Catalog, table: str, name: str) -> None:
    if (table, name) in catalog.checks:
        catalog.checks[table, name] = (catalog.checks[table, name][0], True)
    else:
        catalog.proved.add(table)


def _rename_table(catalog: Catalog, old: str, new: str) -> None:
    for owner, column in [each for each in catalog.types if each[0] == old]:
        catalog.types[new, column] = catalog.types.pop((owner, column))
    for owner, name in [each for each in catalog.checks if each[0] == old]:
        catalog.checks[new, name] = catalog.checks.pop((owner, name))


def _change_objects(catalog: Catalog, action: Action) -> None:
    """The same for what is no table."""
    name = key(action.name)
    if action.kind == "create_type" and action.type == "enum":
        catalog.enums.add(name)
    elif action.kind == "drop_object" and action.type == "type":
        catalog.enums.discard(name)
    elif action.kind == "rename_type" and name in catalog.enums:
        catalog.enums = (catalog.enums - {name}) | {key(action.target)}
    elif action.kind == "create_view":
        catalog.views.add(name)
    elif action.kind == "create_domain" and "constrained" in action.flags:
        catalog.domains.add(name)
    elif action.kind == "create_index" and name:
        catalog.indexes[name] = key(action.table)


def _close(catalog: Catalog, action: Action) -> None:
    """Note functions that PUBLIC may not execute any more."""
    if action.kind == "revoke":
        catalog.closed.add(key(action.text.rpartition(" on ")[2].removeprefix("function ").partition("(")[0].strip()))
    elif "functions" in action.text:
        catalog.closed.add("*")
