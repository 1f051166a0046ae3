"""A lock is waited for without an end."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject, said
from gonogo.model import Severity

_WHY = "it waits for the longest query that runs, and every later query on that table waits behind it: an outage"


_LOCKING = {
    "add_column", "drop_column", "alter_type", "set_not_null", "drop_not_null", "set_default", "drop_default",
    "add_check", "add_foreign_key", "drop_constraint", "rename_column", "rename_table", "create_trigger",
    "drop_trigger", "drop_table", "add_unique", "add_primary_key", "attach_partition", "truncate", "enable_rls",
}  # fmt: skip
_NONE = {"0", "'0'", "'0s'", "'0ms'", "default"}


def check(subject: Subject) -> Iterator[Advice]:
    """Yield a revision that locks what is in use and sets no lock_timeout, or switches it off."""
    settings = [act for act in subject.every("set") if act.action.name == "lock_timeout"]
    for act in settings:
        if act.action.text in _NONE:
            yield said(act, "switches lock_timeout off", why=_WHY, fix="SET LOCAL lock_timeout = '2s';")
    locking = next(subject.old(*_LOCKING), None)
    if locking and not settings and subject.migration.lock_timeout is False:
        yield said(
            locking,
            f"locks {locking.action.table or locking.action.name} without a lock_timeout",
            why=_WHY,
            fix='in env.py, for every revision: create_engine(…, connect_args={"options": "-c lock_timeout=2000"})\n'
            "or first in this one: op.execute(\"SET LOCAL lock_timeout = '2s'\")",
            severity=Severity.ADVISE,
        )


RULE = Rule(reference="missing-lock-timeout", check=check, covers=frozenset({"require-lock-timeout"}))
