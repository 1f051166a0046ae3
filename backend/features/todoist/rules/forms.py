"""The form in which both sides are compared: trimmed, sorted, one spelling for each thing."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from backend.features.todoist.rules.records import DELETED, DONE, OPEN, Form, LocalTask, Places
from backend.providers.todoist.records import Due, Item

_MOST_URGENT = 5
_DAY = len("2026-01-01")
# A day more or less, as another zone may have it, must still be a date.
_YEARS = range(1900, 9999)
_BLANK: Form = {
    "title": "",
    "notes": "",
    "priority": 4,
    "due": None,
    "labels": [],
    "project": None,
    "status": OPEN,
}


class MalformedItemError(ValueError):
    """A task of Todoist that says something which cannot be."""


def local_form(task: LocalTask, zone: ZoneInfo) -> Form:
    """Return the form of a task here.

    Args:
        task: The task.
        zone: Its owner's.
    """
    return {
        "title": task.title.strip(),
        "notes": task.notes.strip(),
        "priority": task.priority,
        "due": _local_due(task, zone),
        "labels": sorted({label.strip() for label in task.labels} - {""}),
        "project": None if task.project_id is None else str(task.project_id),
        "status": task.status,
    }


def _local_due(task: LocalTask, zone: ZoneInfo) -> dict[str, Any] | None:
    if task.due_on is None and task.recurrence is None:
        return None
    fixed_in = task.due_zone if task.due_at else None
    return {"date": _local_date(task, zone), "zone": fixed_in, "recurrence": _words(task.recurrence)}


def _local_date(task: LocalTask, zone: ZoneInfo) -> str | None:
    if task.due_at is None:
        return None if task.due_on is None else task.due_on.isoformat()
    if task.due_zone is None:
        return task.due_at.astimezone(zone).replace(tzinfo=None, microsecond=0).isoformat()
    return _fixed(task.due_at)


def _fixed(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).replace(tzinfo=None, microsecond=0).isoformat()}Z"


def _words(text: str | None) -> str | None:
    return (text or "").strip() or None


def remote_form(item: Item, places: Places, *, zone: ZoneInfo, base: Form | None = None) -> Form:
    """Return the form of a task over there; what it does not say is as it was.

    Args:
        item: The task.
        places: Which project is which.
        zone: Its owner's.
        base: What was agreed on last; None for a task that is new here.

    Raises:
        MalformedItemError: It says something that cannot be.
    """
    said = {
        "title": None if item.content is None else item.content.strip() or None,
        "notes": None if "description" not in item.model_fields_set else (item.description or "").strip(),
        "priority": None if item.priority is None else _MOST_URGENT - item.priority,
        "labels": None if item.labels is None else sorted({label.strip() for label in item.labels} - {""}),
        "status": _remote_status(item),
    }
    form = {**(base or _BLANK), **{name: value for name, value in said.items() if value is not None}}
    if "due" in item.model_fields_set:
        form["due"] = None if item.due is None else _remote_due(item.due, zone)
    if item.project_id == places.inbox is not None:
        form["project"] = None
    elif item.project_id and item.project_id in places.here:
        form["project"] = places.here[item.project_id]
    return form


def _remote_status(item: Item) -> str | None:
    """Return what became of a task; completion goes before deletion, since both flags may be set."""
    if item.checked or (item.checked is None and item.completed_at):
        return DONE
    if item.is_deleted:
        return DELETED
    return OPEN if item.checked is False else None


def _remote_due(due: Due, zone: ZoneInfo) -> dict[str, Any]:
    written, fixed_in = _remote_date(due, zone)
    return {"date": written, "zone": fixed_in, "recurrence": _words(due.string) if due.is_recurring else None}


def _remote_date(due: Due, zone: ZoneInfo) -> tuple[str, str | None]:
    moment = _moment(due.date)
    if len(due.date) == _DAY:
        return moment.date().isoformat(), None
    if moment.tzinfo is None:
        # By way of UTC: a time that the clocks leave out is kept here as the one that they show instead.
        shown = moment.replace(microsecond=0, tzinfo=zone).astimezone(UTC).astimezone(zone)
        return shown.replace(tzinfo=None).isoformat(), None
    return _fixed(moment), _words(due.timezone) or "UTC"


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise MalformedItemError(f"{text!r} is no date") from None
    if moment.year not in _YEARS:
        raise MalformedItemError(f"{text!r} is too far away")
    return moment


def columns_of(form: Form, zone: ZoneInfo) -> dict[str, Any]:
    """Return a form as columns of a task, as JSON.

    Args:
        form: The form.
        zone: The owner's.
    """
    due = form["due"] or {"date": None, "zone": None, "recurrence": None}
    day, moment = _due_columns(due["date"], zone)
    return {
        "title": form["title"],
        "notes": form["notes"],
        "status": form["status"],
        "priority": form["priority"],
        "due_on": day,
        "due_at": moment,
        "due_zone": due["zone"] if moment else None,
        "recurrence": due["recurrence"],
        "labels": list(form["labels"]),
        "project_id": form["project"],
    }


def _due_columns(written: str | None, zone: ZoneInfo) -> tuple[str | None, str | None]:
    if written is None or len(written) == _DAY:
        return written, None
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        return written[:_DAY], moment.replace(tzinfo=zone).astimezone(UTC).isoformat()
    return moment.astimezone(zone).date().isoformat(), moment.isoformat()


def is_later(due: dict[str, Any] | None, other: dict[str, Any] | None) -> bool:
    """Return whether one due date is after another, by what both say: the day, and the time where both have one.

    Args:
        due: In a form.
        other: In a form.
    """
    if not due or not other or not due["date"] or not other["date"]:
        return False
    length = min(len(due["date"]), len(other["date"]))
    return bool(due["date"][:length] > other["date"][:length])


def remote_due(form: Form) -> dict[str, Any] | None:
    """Return what a command says of a form's due date; None takes it away.

    Args:
        form: The form.
    """
    due = form["due"]
    if due is None:
        return None
    said = {"date": due["date"], "timezone": due["zone"], "string": due["recurrence"]}
    return {name: value for name, value in said.items() if value is not None} | (
        {"lang": "en"} if due["recurrence"] else {}
    )
