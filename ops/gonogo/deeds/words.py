"""Actions in words, for people who have not read the revision."""

from collections.abc import Callable, Mapping

from gonogo.lint import Subject
from gonogo.lint.records import Act, Action

_LONGEST = 90
# What nobody needs to read, and what is not understood.
_SILENT = {"set", "begin", "savepoint"}
_UNREAD = {"other", "alter_other", "do", "alter_type_other", "alter_domain", "alter_view"}
_WAITS = {"create_index": "writers wait", "add_unique": "everybody waits", "add_exclusion": "everybody waits"}


def told(subject: Subject) -> tuple[str, ...]:
    """Return what a revision does, a sentence each; the columns of a new table stand in one with it."""
    tables = {act.action.table for act in subject.acts if act.action.kind == "create_table"}
    found = [
        _told(act, subject) for act in subject.acts if not (act.action.table in tables and _is_part(act.action.kind))
    ]
    return tuple(dict.fromkeys(each for each in found if each))


def unread(subject: Subject) -> tuple[str, ...]:
    """Return the statements that nobody understood, as they are sent."""
    blocks = {act.sql for act in subject.acts if "in_block" in act.action.flags}
    acts = (act for act in subject.acts if act.action.kind in _UNREAD and act.sql not in blocks)
    return tuple(dict.fromkeys(_shortened(act.sql) for act in acts))


def _is_part(kind: str) -> bool:
    """Return whether an action belongs to the making of its table."""
    return kind == "column" or (kind.startswith("add_") and kind != "add_column")


def _told(act: Act, subject: Subject) -> str:
    """Return one action in words; empty for what is of no account."""
    action = act.action
    if action.kind in _SILENT | _UNREAD or (action.kind == "quiet" and not _quiet(act)):
        return ""
    if action.kind == "create_table":
        return _new_table(action, subject)
    teller = _WORDS.get(action.kind)
    said = teller(action) if teller else _quiet(act) or _plainly(act)
    return f"{said}{' (the table is new)' if act.is_new and action.kind in _WAITS else ''}"


def _plainly(act: Act) -> str:
    """Return an action by its kind, with the names that it has."""
    names = [each for each in (act.action.name, act.action.table, act.action.target) if each]
    return f"{act.action.kind.replace('_', ' ')} {' on '.join(names)}".strip()


def _quiet(act: Act) -> str:
    """Return what a statement without consequences does, where a reader would miss it."""
    first = act.sql.split(maxsplit=1)[0].lower() if act.sql.split() else ""
    return {"comment": "writes a comment", "analyze": "collects statistics", "copy": "copies rows"}.get(first, "")


def _shortened(sql: str) -> str:
    """Return a statement on one line that is not too long."""
    line = " ".join(sql.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _new_table(action: Action, subject: Subject) -> str:
    """Return a new table with its columns, and the tables that it refers to."""
    own = [act.action for act in subject.acts if act.action.table == action.table]
    columns = [each.column for each in own if each.kind == "column"]
    targets = dict.fromkeys(each.target for each in own if each.kind == "add_foreign_key" and each.target)
    refers = f", refers to {', '.join(targets)}" if targets else ""
    return f"creates table {action.table} ({len(columns)} columns: {', '.join(columns)}){refers}"


def _added_column(action: Action) -> str:
    """Return an added column with what it may hold."""
    null = "may not be NULL" if action.flags & {"not_null", "primary_key"} else "may be NULL"
    values = f", default {action.text}" if action.text else ""
    made = next((f", {flag}" for flag in ("identity", "stored", "virtual", "serial") if flag in action.flags), "")
    return f"adds column {action.table}.{action.column} ({action.type}, {null}{values}{made})"


def _index(action: Action) -> str:
    """Return an index, and who waits for it."""
    how = "concurrently: nobody waits" if "concurrently" in action.flags else "plain: writers wait"
    unique = "unique " if "unique" in action.flags else ""
    where = f"{action.table} {action.text}".strip()
    return f"creates {unique}index {action.name or 'without a name'} on {where} ({how})"


def _dropped_index(action: Action) -> str:
    how = "concurrently: nobody waits" if "concurrently" in action.flags else "plain: everybody waits, briefly"
    return f"drops index {action.name} ({how})"


def _constraint(what: str) -> Callable[[Action], str]:
    """Return what tells of a new constraint."""

    def teller(action: Action) -> str:
        columns = f" ({', '.join(action.columns)})" if action.columns else ""
        where = f"{action.table}{columns}"
        how = ", not validated" if "not_valid" in action.flags else ""
        how += f", with index {action.target}" if "using_index" in action.flags else ""
        refers = f" to {action.target}" if what == "foreign key" else ""
        condition = f": {action.text}" if what == "check" else ""
        return f"adds {what} {action.name + ' ' if action.name else ''}on {where}{refers}{condition}{how}"

    return teller


def _type_change(action: Action) -> str:
    using = f", by {action.text}" if action.text else ""
    return f"changes the type of {action.table}.{action.column} to {action.type}{using}"


def _rows(verb: str) -> Callable[[Action], str]:
    """Return what tells of changed rows."""

    def teller(action: Action) -> str:
        return f"{verb} {action.table}{f' where {action.text}' if action.text else ' (every row)'}"

    return teller


def _inserted(action: Action) -> str:
    return f"writes rows into {action.table}{' from a query' if 'select' in action.flags else ''}"


def _on(text: str) -> Callable[[Action], str]:
    """Return what fills an action's names into a text."""
    return lambda action: " ".join(text.format(a=action).split())


_WORDS: Mapping[str, Callable[[Action], str]] = {
    "add_column": _added_column,
    "create_index": _index,
    "drop_index": _dropped_index,
    "add_check": _constraint("check"),
    "add_unique": _constraint("unique constraint"),
    "add_primary_key": _constraint("primary key"),
    "add_foreign_key": _constraint("foreign key"),
    "add_exclusion": _constraint("exclusion constraint"),
    "add_not_null": _constraint("not-null constraint"),
    "alter_type": _type_change,
    "update": _rows("rewrites rows of"),
    "delete": _rows("deletes rows of"),
    "insert": _inserted,
    "drop_column": _on("drops column {a.table}.{a.column}"),
    "drop_table": _on("drops table {a.table}"),
    "drop_constraint": _on("drops constraint {a.name} of {a.table}"),
    "rename_column": _on("renames column {a.table}.{a.column} to {a.target}"),
    "rename_table": _on("renames {a.table} to {a.target}"),
    "rename_constraint": _on("renames constraint {a.name} of {a.table}"),
    "rename_type": _on("renames type {a.name} to {a.target}"),
    "rename_value": _on("renames value {a.text} of type {a.name} to {a.target}"),
    "add_value": _on("adds value {a.text} to type {a.name}, for good"),
    "set_schema": _on("moves {a.table} to schema {a.target}"),
    "set_not_null": _on("lets {a.table}.{a.column} be NULL no longer"),
    "drop_not_null": _on("lets {a.table}.{a.column} be NULL"),
    "set_default": _on("sets the default of {a.table}.{a.column} to {a.text}"),
    "drop_default": _on("drops the default of {a.table}.{a.column}"),
    "drop_expression": _on("lets {a.table}.{a.column} be filled by hand"),
    "add_identity": _on("lets {a.table}.{a.column} number itself"),
    "column_option": _on("sets an option of {a.table}.{a.column}"),
    "table_option": _on("sets an option of {a.table}: {a.text}"),
    "validate": _on("validates constraint {a.name} of {a.table}"),
    "alter_constraint": _on("changes constraint {a.name} of {a.table}"),
    "truncate": _on("empties table {a.table}"),
    "lock_table": _on("locks table {a.table} ({a.text})"),
    "create_view": _on("creates {a.type} {a.name}"),
    "create_type": _on("creates type {a.name}"),
    "create_function": _on("creates function {a.name}({a.text})"),
    "alter_function": _on("changes function {a.name}: {a.text}"),
    "create_trigger": _on("creates trigger {a.name} on {a.table}"),
    "drop_trigger": _on("drops trigger or rule {a.name} of {a.table}"),
    "enable_trigger": _on("switches trigger {a.name} of {a.table} on"),
    "disable_trigger": _on("switches trigger {a.name} of {a.table} off"),
    "create_policy": _on("creates policy {a.name} on {a.table}"),
    "drop_policy": _on("drops policy {a.name} of {a.table}"),
    "enable_rls": _on("switches row security of {a.table} on"),
    "disable_rls": _on("switches row security of {a.table} off"),
    "force_rls": _on("lets row security of {a.table} hold for its owner too"),
    "drop_object": _on("drops {a.type} {a.name}"),
    "drop_quiet": _on("drops {a.text}"),
    "create_partition": _on("creates table {a.table}, a partition of {a.target}"),
    "attach_partition": _on("makes {a.target} a partition of {a.table}"),
    "detach_partition": _on("takes partition {a.target} off {a.table}"),
    "move_table": _on("writes {a.table} anew: {a.text}"),
    "owner": _on("gives {a.table} {a.text}"),
    "refresh": _on("fills materialized view {a.name} anew"),
    "reindex": _on("builds the indexes of {a.table} anew"),
    "vacuum": _on("vacuums {a.table}"),
    "cluster": _on("sorts {a.table} on disk"),
    "grant": _on("grants {a.text} to {a.name}"),
    "revoke": _on("revokes {a.text} from {a.name}"),
    "default_grant": _on("grants {a.text} to {a.name} on what is made later"),
    "default_revoke": _on("revokes {a.text} from {a.name} on what is made later"),
    "alter_index": _on("changes index {a.name}"),
    "commit": _on("commits by itself"),
    "rollback": _on("takes back by itself"),
    "outside_transaction": _on("changes the server: {a.text}"),
}
