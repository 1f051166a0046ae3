"""Drift: how the two sides of a task can differ, and what is done about each."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from backend.features.todoist.rules.merging import Merged
from backend.features.todoist.rules.records import DELETED, DONE, Form

_MANY = 25
_SHARE = 0.2


class Drift(StrEnum):
    """How a task stands on both sides."""

    IN_SYNC = "in_sync"
    LOCAL_AHEAD = "local_ahead"
    REMOTE_AHEAD = "remote_ahead"
    CONFLICT = "conflict"
    REMOTE_COMPLETED = "remote_completed"
    REMOTE_DELETED = "remote_deleted"
    UNLINKED_REMOTE = "unlinked_remote"
    ORPHAN_LOCAL = "orphan_local"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """What a kind of drift is, and how it is repaired; both as docs/todoist.md has them."""

    when: str
    repair: str


RULES: Mapping[Drift, Rule] = MappingProxyType(
    {
        Drift.IN_SYNC: Rule(when="both sides say the same", repair="nothing"),
        Drift.LOCAL_AHEAD: Rule(
            when="changed here only, moved, completed and deleted included", repair="told to Todoist"
        ),
        Drift.REMOTE_AHEAD: Rule(
            when="changed in Todoist only, moved, reopened, and a recurring task's next date included",
            repair="taken over here",
        ),
        Drift.CONFLICT: Rule(
            when="changed on both sides since they last agreed",
            repair="merged field by field; where both changed one field, Todoist's is kept and ours noted in the run",
        ),
        Drift.REMOTE_COMPLETED: Rule(when="completed in Todoist", repair="completed here, whatever was changed here"),
        Drift.REMOTE_DELETED: Rule(
            when="deleted in Todoist, or gone with its project", repair="deleted here, whatever was changed here"
        ),
        Drift.UNLINKED_REMOTE: Rule(when="an open task in Todoist that is not known here", repair="made here"),
        Drift.ORPHAN_LOCAL: Rule(when="an open task here that Todoist does not have", repair="made in Todoist"),
        Drift.DUPLICATE: Rule(
            when="an unlinked task on each side with the same title, project and due date; or a second copy in Todoist"
            " of a creation of ours that was sent more than once",
            repair="the two are linked; the second copy is deleted in Todoist. Two equal tasks that a person made there"
            " stay two tasks",
        ),
    }
)


def classify(base: Form, local: Form, *, remote: Form, merged: Merged) -> Drift:
    """Return how a linked task stands.

    Args:
        base: What both sides agreed on last.
        local: The task here.
        remote: The task over there.
        merged: What becomes of it.
    """
    if remote == local:
        return Drift.IN_SYNC
    if remote["status"] != base["status"] and remote["status"] in (DONE, DELETED):
        return Drift.REMOTE_COMPLETED if remote["status"] == DONE else Drift.REMOTE_DELETED
    if remote == base:
        return Drift.LOCAL_AHEAD
    return Drift.CONFLICT if merged.is_ahead or merged.lost else Drift.REMOTE_AHEAD


def is_mass_deletion(gone: int, *, linked: int) -> bool:
    """Return whether so many tasks are gone that a person should look first.

    Args:
        gone: Linked open tasks that Todoist says are deleted, or does not list any more.
        linked: All linked open tasks.
    """
    return gone > _MANY and gone > linked * _SHARE
