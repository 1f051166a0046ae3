"""A trigger is made, dropped or switched off on a table that is in use."""

from collections.abc import Iterator

from gonogo.lint.records import Act, Advice, Rule, Subject, said
from gonogo.model import Severity

_WORDS = {"create_trigger": "makes", "drop_trigger": "drops", "enable_trigger": "switches on"}

_FIX = """leave it on; where the change itself must not fire it, let its function ask:
IF current_setting('app.migrating', true) = 'on' THEN RETURN NEW; END IF;
and say so for this transaction alone: SET LOCAL app.migrating = 'on';"""


def check(subject: Subject) -> Iterator[Advice]:
    """Yield each change of a trigger; switching off is grave."""
    for act in subject.old("disable_trigger"):
        table, name = act.action.table, act.action.name
        yield said(
            act,
            f"switches the trigger {name} of {table} off",
            why=f"until it is on again, also if the revision stops half-way, what it keeps true in {table} does "
            "not hold: for "
            "ALL and USER that includes foreign keys",
            fix=_FIX,
        )
    for act in subject.every("set"):
        if act.action.name == "session_replication_role" and "replica" in act.action.text:
            yield said(
                act,
                "switches every trigger off for the session",
                why="foreign keys are triggers, too: what is written meanwhile is checked by nothing, then or later",
                fix=_FIX,
            )
    for act in subject.old(*_WORDS):
        if _is_replaced(subject, act):
            continue
        table, name = act.action.table, act.action.name
        yield said(
            act,
            f"{_WORDS[act.action.kind]} the trigger {name} on {table}",
            why=f"brief, but writes to {table} wait for it (for DROP reads, too), and every write then pays for "
            "the trigger",
            fix=f"in a short transaction of its own with a lock_timeout: {' '.join(act.sql.split())[:200]}",
            severity=Severity.ADVISE,
        )


def _is_replaced(subject: Subject, act: Act) -> bool:
    """Return whether a drop stands before the same trigger's creation."""
    is_made = any(each.action.name == act.action.name for each in subject.every("create_trigger"))
    return act.action.kind == "drop_trigger" and is_made


RULE = Rule(reference="trigger-changed", check=check)
