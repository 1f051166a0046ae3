"""The kind of a revision by what it does, to hold against the kind that it declares."""

from collections.abc import Iterator

from gonogo.lint import Subject
from gonogo.lint.conversions import Change, compare
from gonogo.lint.records import Act

_TAKES = {"drop_column", "drop_table", "rename_column", "rename_table", "set_schema", "drop_object", "rename_value"}
_WRITES = {"update", "delete", "truncate"}
_UNREAD = {"other", "alter_other", "do"}


def looks(subject: Subject) -> str:
    """Return the kind by what a revision does; empty where not all of it is understood."""
    old = [act for act in subject.acts if not act.is_new]
    if tightened(subject) or any(act.action.kind in _TAKES and act.was not in {"new", "replaced"} for act in old):
        return "contract"
    if any(act.action.kind in _WRITES or "select" in act.action.flags for act in old):
        return "data"
    return "" if any(act.action.kind in _UNREAD for act in subject.acts) else "expand"


def tightened(subject: Subject) -> tuple[str, ...]:
    """Return what old code may still do and the schema no longer takes, a sentence each."""
    return tuple(dict.fromkeys(each for act in subject.acts if not act.is_new for each in _tightened(act)))


def _tightened(act: Act) -> Iterator[str]:
    """Yield what an act on an old table forbids."""
    action = act.action
    where = f"{action.table}.{action.column}"
    if action.kind == "set_not_null":
        yield f"{where} may not be NULL any more"
    elif action.kind == "add_column" and "not_null" in action.flags and not action.text and not _fills_itself(act):
        yield f"every insert must name {where}"
    elif action.kind == "drop_default":
        yield f"{where} has no default any more"
    elif action.kind == "alter_type":
        change = compare(act.old_type, action.type, using=action.text, column=action.column)
        if change is Change.NARROWS:
            yield f"{where} takes no more than {action.type}"


def _fills_itself(act: Act) -> bool:
    """Return whether a column gets its values without being named."""
    return bool(act.action.flags & {"identity", "stored", "virtual", "serial"})
