"""The REST endpoints; what writes is the same command that the Sync endpoint has."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from gonogo.local.providers.todoist import items, places
from gonogo.local.providers.todoist.calls import Call
from gonogo.local.providers.todoist.rejections import invalid, not_found
from gonogo.local.providers.todoist.tables import Row

_BY_COMPLETION, _BY_DUE = timedelta(days=93), timedelta(days=42)
_ACTIVITIES_MAX = 100
_FILTERS = ("project_id", "section_id", "parent_id")
_RENAMED = {"order": "child_order", "assignee_id": "responsible_uid"}

# What an endpoint answers; None is an empty 204.
Endpoint = Callable[[Call], dict[str, Any] | None]


def _tasks(call: Call) -> dict[str, Any]:
    query = call.came.query
    rows: Sequence[Row] = [row for row in call.account.items if call.account.is_active(row)]
    for name in _FILTERS:
        if wanted := query.get(name):
            rows = [row for row in rows if row[name] == wanted]
    if label := query.get("label"):
        rows = [row for row in rows if label in row["labels"]]
    if ids := query.get("ids"):
        rows = [row for row in rows if row["id"] in ids.split(",")]
    return call.page(rows)


def _task(call: Call) -> dict[str, Any]:
    """Return a task, completed ones too, and today still deleted ones."""
    row = call.account.items.get(call.id)
    if row is None or (row["is_deleted"] and call.settings.deleted_are_gone):
        raise not_found("Task")
    return call.shown(row)


def _add_task(call: Call) -> dict[str, Any]:
    made = items.add(call.account, _arguments(call.came.fields))
    return call.shown(call.account.item(made))


def _update_task(call: Call) -> dict[str, Any]:
    given = _arguments(call.came.fields)
    items.update(call.account, {**given, "id": call.id})
    return call.shown(call.account.item(call.id))


def _move_task(call: Call) -> dict[str, Any]:
    items.move(call.account, {**call.came.fields, "id": call.id})
    return call.shown(call.account.item(call.id))


def _quick(call: Call) -> dict[str, Any]:
    made = items.add(call.account, {"content": call.came.fields.get("text")})
    return call.shown(call.account.item(made))


def _arguments(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return REST's names as the commands have them."""
    args = {_RENAMED.get(name, name): value for name, value in given.items()}
    due = args.pop("due_datetime", None) or args.pop("due_date", None)
    words = args.pop("due_string", None)
    if due or words is not None:
        args["due"] = {"date": due, "string": words, "lang": args.pop("due_lang", None)}
    if "deadline_date" in args:
        day = args.pop("deadline_date")
        args["deadline"] = {"date": day} if day else None
    if "duration" in args:
        amount, unit = args["duration"], args.pop("duration_unit", None)
        args["duration"] = {"amount": amount, "unit": unit} if amount else None
    return args


def _completed(call: Call) -> dict[str, Any]:
    return _window(call, most=_BY_COMPLETION, rows=call.account.completions, when=lambda row: row["completed_at"])


def _completed_by_due(call: Call) -> dict[str, Any]:
    """Return completed tasks by their due date; what recurs is not among them."""
    rows = [row for row in call.account.completions if row["due"] and not row["due"]["is_recurring"]]
    return _window(call, most=_BY_DUE, rows=rows, when=lambda row: row["due"]["date"])


def _window(call: Call, *, most: timedelta, rows: Sequence[Row], when: Callable[[Row], str]) -> dict[str, Any]:
    since, until = _moment("since", call.needed("since")), _moment("until", call.needed("until"))
    if until - since > most or until < since:
        raise invalid("until", f"at most {most.days} days after since")
    found = [row for row in rows if since <= _moment("date", when(row)) <= until]
    for name in _FILTERS:
        if wanted := call.came.query.get(name):
            found = [row for row in found if row[name] == wanted]
    return call.page(found, under="items")


def _moment(name: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(name, f"{text} is not a time") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _activities(call: Call) -> dict[str, Any]:
    query, account = call.came.query, call.account
    kinds = json.loads(query["object_event_types"]) if "object_event_types" in query else []
    since = _moment("date_from", query["date_from"]) if "date_from" in query else datetime.min.replace(tzinfo=UTC)
    until = _moment("date_to", query["date_to"]) if "date_to" in query else datetime.max.replace(tzinfo=UTC)
    found = [
        row
        for row in reversed(account.events)
        if (not kinds or f"{row['object_type']}:{row['event_type']}" in kinds)
        and since <= _moment("date", row["event_date"]) <= until
    ]
    return call.page(found, most=_ACTIVITIES_MAX)


def _user(call: Call) -> dict[str, Any]:
    return call.account.user(call.came.bearer)


def _listed(table: str) -> Endpoint:
    def endpoint(call: Call) -> dict[str, Any]:
        project = call.came.query.get("project_id")
        rows = [row for row in getattr(call.account, table) if not row["is_deleted"] and not row.get("is_archived")]
        return call.page([_shown(row) for row in rows if project in {None, row.get("project_id")}])

    return endpoint


def _shown(row: Row) -> Row:
    """Return a row with REST's names: a label's order is called otherwise by the Sync endpoint."""
    return {("order" if name == "item_order" else name): value for name, value in row.items()}


def _one(kind: str) -> Endpoint:
    def endpoint(call: Call) -> dict[str, Any]:
        return _shown(getattr(call.account, kind)(call.id))

    return endpoint


def _made(kind: str, add: Callable[..., str]) -> Endpoint:
    def endpoint(call: Call) -> dict[str, Any]:
        return _shown(getattr(call.account, kind)(add(call.account, call.came.fields)))

    return endpoint


def _changed(kind: str, change: Callable[..., None]) -> Endpoint:
    def endpoint(call: Call) -> dict[str, Any]:
        change(call.account, {**call.came.fields, "id": call.id})
        return _shown(getattr(call.account, kind)(call.id))

    return endpoint


def _done(change: Callable[..., None]) -> Endpoint:
    def endpoint(call: Call) -> None:
        change(call.account, {"id": call.id})

    return endpoint


def _place(kind: str, changes: Sequence[Callable[..., Any]]) -> dict[str, Endpoint]:
    """Return the endpoints of projects, sections or labels."""
    add, update, delete = changes
    return {
        f"GET /{kind}s": _listed(f"{kind}s"),
        f"POST /{kind}s": _made(kind, add),
        f"GET /{kind}s/{{id}}": _one(kind),
        f"POST /{kind}s/{{id}}": _changed(kind, update),
        f"DELETE /{kind}s/{{id}}": _done(delete),
    }


ENDPOINTS: Mapping[str, Endpoint] = {
    "GET /user": _user,
    "GET /activities": _activities,
    "GET /tasks": _tasks,
    "POST /tasks": _add_task,
    "POST /tasks/quick": _quick,
    "GET /tasks/completed/by_completion_date": _completed,
    "GET /tasks/completed/by_due_date": _completed_by_due,
    "GET /tasks/{id}": _task,
    "POST /tasks/{id}": _update_task,
    "POST /tasks/{id}/close": _done(items.close),
    "POST /tasks/{id}/reopen": _done(items.uncomplete),
    "POST /tasks/{id}/move": _move_task,
    "DELETE /tasks/{id}": _done(items.delete),
    **_place("project", (places.add_project, places.update_project, places.delete_project)),
    **_place("section", (places.add_section, places.update_section, places.delete_section)),
    **_place("label", (places.add_label, places.update_label, places.delete_label)),
    "POST /projects/{id}/archive": _changed("project", places.archive_project),
    "POST /projects/{id}/unarchive": _changed("project", places.unarchive_project),
}
