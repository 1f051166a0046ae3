"""Telling: the commands that make Todoist the same as what is here."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

from backend.features.todoist.rules.forms import remote_due
from backend.features.todoist.rules.records import DELETED, DONE, OPEN, Form, Linked, LocalTask, NewCommand, Places

ADD, UPDATE, MOVE, DELETE = "item_add", "item_update", "item_move", "item_delete"
COMPLETE, UNCOMPLETE, CLOSE = "item_complete", "item_uncomplete", "item_close"
ADD_PROJECT = "project_add"
# Done twice they would have two effects: only the uuid makes them harmless, so that they are never written anew.
NOT_REPEATABLE = (ADD, ADD_PROJECT, CLOSE)
_MOST_URGENT = 5
_EDITED: Mapping[str, tuple[str, Callable[[Form], Any]]] = {
    "title": ("content", lambda form: form["title"]),
    "notes": ("description", lambda form: form["notes"]),
    "priority": ("priority", lambda form: _MOST_URGENT - form["priority"]),
    "due": ("due", remote_due),
    "labels": ("labels", lambda form: list(form["labels"])),
}


def creation(task: LocalTask, local: Form, *, places: Places) -> NewCommand:
    """Return the command that makes a task in Todoist: in its project, or in the inbox when it has none there.

    Args:
        task: The task.
        local: Its form.
        places: Which project is which.
    """
    project = None if local["project"] is None else places.there(local["project"])
    args = {said: value(local) for said, value in _EDITED.values()}
    if args["due"] is None:
        del args["due"]
    if project is not None:
        args["project_id"] = project
    told = {**local, "project": local["project"] if project else None}
    uuid = uuid4()
    return NewCommand(
        uuid=uuid, type=ADD, args=args, told=told, task_id=task.id, temp_id=str(uuid4()), revision=task.revision
    )


def project_creation(project_id: UUID, name: str) -> NewCommand:
    """Return the command that makes a project in Todoist.

    Args:
        project_id: Its id here.
        name: What it is called.
    """
    told = {"project": str(project_id)}
    return NewCommand(uuid=uuid4(), type=ADD_PROJECT, args={"name": name}, told=told, temp_id=str(uuid4()))


def removal(remote_id: str) -> NewCommand:
    """Return the command that deletes a task in Todoist which nothing here is linked to.

    Args:
        remote_id: What Todoist calls it.
    """
    return NewCommand(uuid=uuid4(), type=DELETE, args={"id": remote_id}, told={})


def changes(linked: Linked, local: Form, *, places: Places) -> list[NewCommand]:
    """Return the commands that tell Todoist what changed here; none when nothing did.

    Args:
        linked: The task, and what both sides agreed on last.
        local: Its form.
        places: Which project is which.
    """
    base = linked.base
    if local["status"] == DELETED:
        return [_command(linked, DELETE, told={"status": DELETED})]
    return [
        *([_command(linked, UNCOMPLETE, told={"status": OPEN})] if base["status"] != OPEN == local["status"] else []),
        *_edits(linked, local),
        *_moves(linked, local, places=places),
        *([_completion(linked, local)] if base["status"] == OPEN and local["status"] == DONE else []),
    ]


def _edits(linked: Linked, local: Form) -> Iterator[NewCommand]:
    changed = [name for name in _EDITED if local[name] != linked.base[name]]
    if changed:
        args = {said: value(local) for said, value in (_EDITED[name] for name in changed)}
        yield _command(linked, UPDATE, told={name: local[name] for name in changed}, args=args)


def _moves(linked: Linked, local: Form, *, places: Places) -> Iterator[NewCommand]:
    target = places.there(local["project"])
    if local["project"] != linked.base["project"] and target is not None:
        yield _command(linked, MOVE, told={"project": local["project"]}, args={"project_id": target})


def _completion(linked: Linked, local: Form) -> NewCommand:
    # A recurring task is not over: this brings it to its next date, which the next delta tells.
    recurs = bool(local["due"] and local["due"]["recurrence"])
    return _command(linked, CLOSE if recurs else COMPLETE, told={"status": DONE})


def _command(linked: Linked, kind: str, *, told: Form, args: Mapping[str, Any] | None = None) -> NewCommand:
    return NewCommand(
        uuid=uuid4(),
        type=kind,
        args={"id": linked.remote_id, **(args or {})},
        told=told,
        task_id=linked.task.id,
        revision=linked.task.revision,
    )
