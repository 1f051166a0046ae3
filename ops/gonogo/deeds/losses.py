"""What a revision takes away on its way up and on its way down, what it makes, and what nothing undoes."""

from collections.abc import Iterator

from gonogo.deeds.names import column, relation
from gonogo.lint import Subject
from gonogo.lint.conversions import Change, compare
from gonogo.lint.records import Act, Call
from gonogo.model import Place

_EMPTYING = {"truncate", "delete"}
# What a downgrade sends and takes values away, or may: in words nobody can tell where.
_DARK = {"other", "do", "update", "merge"}
_DROPS = {"drop_table": 1, "drop_column": 2}
_SENDS = {"execute", "exec_driver_sql"}


def taken(subject: Subject) -> tuple[Place, ...]:
    """Return where the upgrade takes values away that were there before it."""
    places = (_place(act) for act in subject.old("drop_table", "drop_column", *_EMPTYING) if act.was != "new")
    return tuple(dict.fromkeys(places))


def given_back(subject: Subject) -> tuple[Place, ...]:
    """Return where the downgrade takes values away: what it drops, and what the upgrade made and it must drop."""
    if subject.source.downgrade != "written":
        return ()
    own = dict.fromkeys(_brought(subject))
    called = (place for call in subject.source.downgrade_calls for place in _called(call))
    undone = (_place(act) for act in subject.undone if act.action.kind in {"drop_table", "drop_column", *_EMPTYING})
    found = dict.fromkeys((*called, *undone))
    tables = {place.relation for place in (*own, *found) if not place.column}
    every = dict.fromkeys((*own, *found))
    return tuple(place for place in every if not (place.column and place.relation in tables))


def unread_back(subject: Subject) -> tuple[str, ...]:
    """Return what in the downgrade may take values away that `given_back` does not name."""
    source = subject.source
    if source.downgrade != "written":
        return ()
    lines = {act.line for act in subject.undone} | {call.line for call in source.downgrade_calls if call.words}
    calls = (f"line {call.line}: {call.name}" for call in source.downgrade_calls if _is_dark(call, lines))
    sent = (f"line {act.line}: {' '.join(act.sql.split())[:80]}" for act in subject.undone if _is_dark_sql(act))
    return tuple(dict.fromkeys((*calls, *sent)))


def lasting(subject: Subject) -> tuple[str, ...]:
    """Return what no downgrade undoes."""
    return tuple(dict.fromkeys(_lasting(subject)))


def made(subject: Subject) -> tuple[str, ...]:
    """Return what the upgrade makes, to look for it where it should not be yet."""
    return tuple(dict.fromkeys(_made(subject)))


def _place(act: Act) -> Place:
    """Return where an act takes values away."""
    action = act.action
    return Place(relation=relation(action.table), column=column(action.column))


def _brought(subject: Subject) -> Iterator[Place]:
    """Yield what the upgrade made and can hold values."""
    for act in subject.acts:
        if act.action.kind in {"create_table", "create_partition"}:
            yield Place(relation=relation(act.action.table))
        elif act.action.kind == "add_column" and not act.is_new and "virtual" not in act.action.flags:
            yield _place(act)


def _called(call: Call) -> Iterator[Place]:
    """Yield what a call of the downgrade drops, where it is written out."""
    verb = call.name.rpartition(".")[2]
    if verb in _DROPS and len(call.words) >= _DROPS[verb] and call.name.startswith("op."):
        table = f"{call.schema}.{call.words[0]}" if call.schema else relation(call.words[0])
        yield Place(relation=table, column=call.words[1] if verb == "drop_column" else "")


def _is_dark(call: Call, lines: set[int]) -> bool:
    """Return whether a call of the downgrade drops or sends what is not written out in it."""
    verb = call.name.rpartition(".")[2]
    if verb in _DROPS:
        return not list(_called(call))
    return verb in _SENDS and not any(call.line <= line <= call.end for line in lines)


def _is_dark_sql(act: Act) -> bool:
    """Return whether a statement of the downgrade takes away what its words do not name."""
    sql = act.sql.lower()
    is_wide = act.action.kind == "drop_object" and ("cascade" in sql or "schema" in sql or "owned" in sql)
    return is_wide or act.action.kind in _DARK


def _lasting(subject: Subject) -> Iterator[str]:
    """Yield what no downgrade undoes."""
    for act in subject.acts:
        action = act.action
        if action.kind == "add_value":
            yield f"value {action.text} stays in type {action.name}: PostgreSQL cannot take it out"
        elif act.is_new:
            continue
        elif action.kind == "update":
            yield f"rows of {action.table} are rewritten, and their values from before are gone"
        elif action.kind == "alter_type" and _narrows(act):
            yield f"values of {action.table}.{action.column} are cut to {action.type}"


def _narrows(act: Act) -> bool:
    """Return whether a change of type may cut values."""
    action = act.action
    return compare(act.old_type, action.type, using=action.text, column=action.column) is Change.NARROWS


def _made(subject: Subject) -> Iterator[str]:
    """Yield what the upgrade makes."""
    for act in subject.acts:
        action = act.action
        if action.flags & {"if_not_exists", "temporary", "temp"}:
            continue
        if action.kind in {"create_table", "create_partition"}:
            yield f"table {relation(action.table)}"
        elif action.kind == "add_column" and not act.is_new:
            yield f"column {relation(action.table)}.{column(action.column)}"
        elif action.kind == "create_index" and action.name and not act.is_new:
            schema = relation(action.table).rpartition(".")[0]
            yield f"index {schema}.{column(action.name)}"
