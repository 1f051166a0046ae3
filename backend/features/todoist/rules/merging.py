"""Merging: three ways, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from backend.features.todoist.rules.forms import is_later
from backend.features.todoist.rules.records import DELETED, DONE, FIELDS, OPEN, Form


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """A change made here that gave way to one made over there.

    Attributes:
        field: Which field.
        value: What it said here.
        kept: What it says now.
    """

    field: str
    value: Any
    kept: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Merged:
    """What becomes of a task.

    Attributes:
        form: What it is to be here.
        lost: Changes made here that gave way.
        is_ahead: Whether something is still to be told to Todoist.
    """

    form: Form
    lost: tuple[Lost, ...]
    is_ahead: bool


def merge(base: Form, local: Form, remote: Form) -> Merged:
    """Return what both sides make together.

    A field that one side changed is as that side has it. Where both changed it, Todoist's is kept. That a task was
    completed or deleted over there ends it, whatever was changed here meanwhile; a later reopening here is a change.

    Args:
        base: What both agreed on last.
        local: The task here.
        remote: The task over there.
    """
    local = _without_same_completion(base, local, remote)
    ends = remote["status"] != OPEN and remote["status"] != base["status"]
    form = dict(remote) if ends else {name: _field(name, base, local=local, remote=remote) for name in FIELDS}
    lost = tuple(_lost(base, local, form=form))
    return Merged(form=form, lost=lost, is_ahead=form != dict(remote))


def _without_same_completion(base: Form, local: Form, remote: Form) -> Form:
    """Return the task here, open, if the occurrence that was done here has been done over there too."""
    recurs = bool(base["due"] and base["due"]["recurrence"])
    moved_on = remote["status"] == OPEN and is_later(remote["due"], base["due"])
    if recurs and moved_on and base["status"] == OPEN and local["status"] == DONE:
        return {**local, "status": OPEN}
    return local


def _field(name: str, base: Form, *, local: Form, remote: Form) -> Any:
    return local[name] if remote[name] == base[name] else remote[name]


def _lost(base: Form, local: Form, *, form: Form) -> Iterator[Lost]:
    for name in FIELDS:
        if local[name] not in (base[name], form[name]):
            yield Lost(field=name, value=local[name], kept=form[name])


def is_deleted(form: Form) -> bool:
    """Return whether a form is of a deleted task.

    Args:
        form: The form.
    """
    return bool(form["status"] == DELETED)
