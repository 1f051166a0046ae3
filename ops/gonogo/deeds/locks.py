"""Which lock each operation takes on which relation, as PostgreSQL's documentation says and measurements confirm.

The table-level result is the same on PostgreSQL 15, 16 and 18.
"""

from collections.abc import Iterator

from gonogo.deeds.names import relation
from gonogo.lint import Subject
from gonogo.lint.conversions import Change, compare
from gonogo.lint.records import Act
from gonogo.model import ExpectedLock, LockMode

_AX, _X, _SRX, _S = (
    LockMode.ACCESS_EXCLUSIVE,
    LockMode.EXCLUSIVE,
    LockMode.SHARE_ROW_EXCLUSIVE,
    LockMode.SHARE,
)
_SUX, _RX = LockMode.SHARE_UPDATE_EXCLUSIVE, LockMode.ROW_EXCLUSIVE
_STRENGTH = tuple(LockMode)
# On the action's own table.
_OWN = {
    **dict.fromkeys(
        (
            "add_column", "drop_column", "rename_column", "rename_table", "rename_constraint", "set_schema",
            "alter_type", "set_not_null", "drop_not_null", "set_default", "drop_default", "drop_expression",
            "add_identity", "add_check", "add_unique",
            "add_primary_key", "add_exclusion", "add_not_null", "drop_constraint", "alter_constraint",
            "drop_table", "truncate", "drop_trigger", "create_policy", "drop_policy", "enable_rls", "disable_rls",
            "force_rls", "owner", "inherit", "move_table", "cluster", "detach_partition",
        ),
        _AX,
    ),
    **dict.fromkeys(("create_trigger", "enable_trigger", "disable_trigger", "add_foreign_key"), _SRX),
    **dict.fromkeys(("create_index", "reindex"), _S),
    **dict.fromkeys(("validate", "attach_partition", "column_option", "table_option", "vacuum"), _SUX),
    **dict.fromkeys(("update", "delete", "insert"), _RX),
}  # fmt: skip
# On the other table of an action.
_OTHER = {
    "add_foreign_key": _SRX,
    "create_partition": _AX,
    "attach_partition": _AX,
    "detach_partition": _AX,
    "rename_index": _SUX,
}
# What an action of these kinds names is no table: the lock is on the thing itself.
_NAMED = {"refresh": _AX, "alter_view": _AX}
_LONG = {"add_check", "add_unique", "add_primary_key", "add_exclusion", "create_index", "validate", "alter_type"}
_LONG |= {"set_not_null", "add_foreign_key", "attach_partition", "cluster", "refresh", "reindex", "update", "delete"}


def expected(subject: Subject) -> tuple[ExpectedLock, ...]:
    """Return the strongest locks on each relation that was there before: one held briefly, one for long."""
    found: dict[tuple[str, bool], ExpectedLock] = {}
    made = {relation(act.action.table) for act in subject.acts if act.action.kind == "create_table"}
    for each in (lock for act in subject.acts for lock in _of(act)):
        known = found.get((each.relation, each.is_long))
        if each.relation not in made and (known is None or _weight(each) > _weight(known)):
            found[each.relation, each.is_long] = each
    return tuple(sorted(found.values(), key=_weight, reverse=True))


def _weight(lock: ExpectedLock) -> tuple[int, bool]:
    """Return what to compare locks by."""
    return _STRENGTH.index(lock.mode), lock.is_long


def _of(act: Act) -> Iterator[ExpectedLock]:
    """Yield what an action locks."""
    action = act.action
    operation = action.kind.replace("_", " ")
    is_long = action.kind in _LONG and not _is_quick(act)
    if action.table and action.kind in {*_OWN, "lock_table"} and not act.is_new:
        yield ExpectedLock(relation=relation(action.table), mode=_own(act), operation=operation, is_long=is_long)
    if action.target and action.kind in _OTHER:
        mode = _SUX if "concurrently" in action.flags else _OTHER[action.kind]
        yield ExpectedLock(relation=relation(action.target), mode=mode, operation=operation, is_long=is_long)
    yield from _of_named(act, operation)


def _own(act: Act) -> LockMode:
    """Return the mode on an action's own table."""
    action, is_alone = act.action, "concurrently" in act.action.flags
    sql = " ".join(act.sql.lower().split())
    if action.kind == "lock_table":
        return next((mode for mode in LockMode if mode.value.lower() == action.text.strip()), _AX)
    if action.kind == "add_foreign_key" and "inline" in action.flags:
        return _AX
    if action.kind == "vacuum" and "full" in action.flags:
        return _AX
    is_strong_option = action.kind == "column_option" and ("set storage" in sql or "set compression" in sql)
    if is_strong_option or (action.kind == "table_option" and ("replica identity" in sql or "no inherit" in sql)):
        return _AX
    return _SUX if is_alone else _OWN[action.kind]


def _of_named(act: Act, operation: str) -> Iterator[ExpectedLock]:
    """Yield the lock on what an action names and which is no table of its own: an index, a view."""
    action, is_alone = act.action, "concurrently" in act.action.flags
    if act.is_new or not action.name:
        return
    if action.kind == "drop_index":
        where = act.was or action.name
        yield ExpectedLock(relation=relation(where), mode=_SUX if is_alone else _AX, operation=operation)
    elif action.kind == "alter_index":
        yield ExpectedLock(relation=relation(action.name), mode=_SUX, operation=operation)
    elif action.kind in _NAMED:
        mode = _X if is_alone else _AX
        yield ExpectedLock(relation=relation(action.name), mode=mode, operation=operation, is_long=True)
    elif (action.kind == "create_view" and "replace" in action.flags and act.was) or (
        action.kind == "drop_object" and "view" in action.type
    ):
        yield ExpectedLock(relation=relation(action.name), mode=_AX, operation=operation)


def _is_quick(act: Act) -> bool:
    """Return whether what usually reads every row does not: there are none yet, or it needs no proof any more."""
    action, flags = act.action, act.action.flags
    if action.kind == "alter_type" and act.old_type:
        is_utc = act.was == "utc"
        return compare(act.old_type, action.type, using=action.text, column=action.column, is_utc=is_utc) is Change.FREE
    return act.is_new or bool(flags & {"not_valid", "using_index"}) or bool(act.proof)
