"""What the rules speak of: tasks here, links, and the form in which both sides are compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

# The fields that both sides have, as JSON: title, notes, priority, due, labels, project, status.
Form = Mapping[str, Any]
FIELDS = ("title", "notes", "priority", "due", "labels", "project", "status")
OPEN, DONE, DELETED = "open", "done", "deleted"


@dataclass(frozen=True, kw_only=True, slots=True)
class LocalTask:
    """A task as it is here; its attributes are the table's columns."""

    id: UUID
    title: str
    notes: str
    status: str
    priority: int
    due_on: date | None
    due_at: datetime | None
    due_zone: str | None
    recurrence: str | None
    labels: tuple[str, ...]
    project_id: UUID | None
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Linked:
    """A task that both sides have.

    Attributes:
        task: As it is here.
        remote_id: What Todoist calls it.
        base: What both sides agreed on last.
        known: The task's revision that `base` speaks of.
    """

    task: LocalTask
    remote_id: str
    base: Form
    known: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Places:
    """Which project here is which one there.

    Attributes:
        inbox: The inbox over there; None while it is not known.
        here: By remote id, the project's id here.
    """

    inbox: str | None
    here: Mapping[str, str]

    def there(self, project: str | None) -> str | None:
        """Return the remote id of a project, the inbox for none; None when there is none over there.

        Args:
            project: Its id here.
        """
        if project is None:
            return self.inbox
        return min((remote for remote, local in self.here.items() if local == project), default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewCommand:
    """A command to write down.

    Attributes:
        told: The fields that are the same on both sides once it is done.
    """

    uuid: UUID
    type: str
    args: Mapping[str, Any]
    told: Form
    task_id: UUID | None = None
    temp_id: str | None = None
    revision: int | None = None
