"""What can be done to a task; each function is one Sync command."""

from collections.abc import Iterator, Mapping
from typing import Any

from gonogo.local.providers.todoist.account import Account
from gonogo.local.providers.todoist.dates import advanced, due_of
from gonogo.local.providers.todoist.rejections import Rejected, invalid, missing
from gonogo.local.providers.todoist.tables import Row, new_id, second

_CONTENT_MAX, _DESCRIPTION_MAX = 500, 16_383
_PRIORITIES = (1, 2, 3, 4)
_UNITS = ("minute", "day")
_PLACES = ("project_id", "section_id", "parent_id")
_PLAIN = {"child_order": 0, "day_order": -1, "responsible_uid": None, "assigned_by_uid": None}

Args = Mapping[str, Any]


def add(account: Account, args: Args) -> str:
    """Add a task, and return its id."""
    if not str(args.get("content") or "").strip():
        raise missing("content")
    place = _place(account, {name: args.get(name) for name in _PLACES})
    moment = account.clock.now()
    account.orders[place["project_id"]] += 1
    row = {
        "id": new_id(),
        "user_id": account.user_id,
        **place,
        "content": "",
        "description": "",
        "priority": 1,
        "due": None,
        "deadline": None,
        "duration": None,
        "labels": [],
        "checked": False,
        "is_deleted": False,
        "is_collapsed": False,
        "added_by_uid": account.user_id,
        **_PLAIN,
        "child_order": account.orders[place["project_id"]],
        "added_at": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "completed_at": None,
        "updated_at": second(moment),
        **_fields(account, args),
    }
    _settle(account, row)
    account.note("item", "added", account.items.put(row))
    return str(row["id"])


def update(account: Account, args: Args) -> None:
    """Change a task's fields; it does not move, complete or open it."""
    row = account.item(args.get("id"))
    _put(account, row, **_fields(account, args))
    account.note("item", "updated", row)


def move(account: Account, args: Args) -> None:
    """Move a task, with what is below it, to one other place."""
    row = account.item(args.get("id"))
    given = {name: args[name] for name in _PLACES if args.get(name)}
    if len(given) != 1:
        raise invalid("project_id", "exactly one of project_id, section_id and parent_id")
    place = _place(account, given)
    if place["parent_id"] in {each["id"] for each in _tree(account, row)}:
        raise invalid("parent_id", "a task cannot be below itself")
    for each in list(_tree(account, row)):
        changes = place if each is row else {"project_id": place["project_id"], "section_id": place["section_id"]}
        _unsettle(account, each)
        _settle(account, _put(account, each, **changes))
    account.note("item", "updated", account.item(row["id"]))


def delete(account: Account, args: Args) -> None:
    """Delete a task with what is below it; a deleted one stays deleted."""
    row = account.items.get(args.get("id"))
    if row is not None and row["is_deleted"]:
        return
    for each in list(_tree(account, account.item(args.get("id")))):
        account.note("item", "deleted", _put(account, each, is_deleted=True))


def complete(account: Account, args: Args) -> None:
    """Complete a task for good, with what is below it; a recurring one too."""
    when = args.get("date_completed") or args.get("completed_at")
    for row in list(_tree(account, account.item(args.get("id")))):
        if not row["checked"]:
            done = _put(account, row, checked=True, completed_at=when or account.now)
            _completed(account, done, done["completed_at"])


def close(account: Account, args: Args) -> None:
    """Do what a click does: complete a task, or bring a recurring one to its next date."""
    row = account.item(args.get("id"))
    if row["due"] and row["due"]["is_recurring"] and not row["checked"]:
        _completed(account, {**row, "checked": True, "completed_at": account.now}, account.now)
        _put(account, row, due=advanced(row["due"], account.today))
        return
    complete(account, args)


def update_date_complete(account: Account, args: Args) -> None:
    """Complete one occurrence of a recurring task; what is due next may be given."""
    row = account.item(args.get("id"))
    if not args.get("due"):
        close(account, args)
        return
    _completed(account, {**row, "checked": True, "completed_at": account.now}, account.now)
    _put(account, row, due=_due(account, args["due"]))


def uncomplete(account: Account, args: Args) -> None:
    """Open a completed task again, with what is above it."""
    row: Row | None = account.item(args.get("id"))
    while row is not None:
        if row["checked"]:
            row = _put(account, row, checked=False, completed_at=None)
            account.note("item", "uncompleted", row)
            opened = row["id"]
            account.completions = [each for each in account.completions if each["id"] != opened]
        row = account.items.get(row["parent_id"])


def reorder(account: Account, args: Args) -> None:
    """Give tasks other places among their neighbours."""
    for each in args.get("items") or ():
        _put(account, account.item(each.get("id")), child_order=int(each["child_order"]))


def update_day_orders(account: Account, args: Args) -> None:
    """Give tasks other places in the day."""
    for item_id, order in dict(args.get("ids_to_orders") or {}).items():
        _put(account, account.item(item_id), day_order=int(order))


def put_raw(account: Account, item_id: str, changes: Mapping[str, Any]) -> Row:
    """Give a task any values, checked by nobody, as only a test wants to."""
    row = account.items.get(item_id)
    if row is None:
        raise LookupError(item_id)
    _unsettle(account, row)
    changed = account.items.put({**row, "updated_at": account.now, **changes})
    _settle(account, changed)
    return changed


def _put(account: Account, row: Row, **changes: Any) -> Row:  # JSON
    return account.items.put({**row, **changes, "updated_at": account.now})


def _completed(account: Account, row: Row, when: str) -> None:
    account.completions.append({**row, "completed_at": when})
    account.note("item", "completed", row)


def _tree(account: Account, row: Row) -> Iterator[Row]:
    """Return a task and all that is below it."""
    yield row
    for child in tuple(account.children.get(row["id"], ())):
        found = account.items.get(child)
        if found is not None and not found["is_deleted"]:
            yield from _tree(account, found)


def _settle(account: Account, row: Row) -> None:
    account.in_project[row["project_id"]].add(row["id"])
    if row["parent_id"]:
        account.children[row["parent_id"]].add(row["id"])


def _unsettle(account: Account, row: Row) -> None:
    account.in_project[row["project_id"]].discard(row["id"])
    if row["parent_id"]:
        account.children[row["parent_id"]].discard(row["id"])


def _place(account: Account, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole of a place of which a part was given; the inbox when nothing was."""
    if given.get("parent_id"):
        parent = account.item(given["parent_id"])
        return {"project_id": parent["project_id"], "section_id": parent["section_id"], "parent_id": parent["id"]}
    if given.get("section_id"):
        section = account.section(given["section_id"])
        return {"project_id": section["project_id"], "section_id": section["id"], "parent_id": None}
    project = account.project(given.get("project_id") or account.inbox)
    return {"project_id": project["id"], "section_id": None, "parent_id": None}


def _fields(account: Account, args: Args) -> dict[str, Any]:
    """Return the fields that were given, checked; what is unknown is passed over."""
    found = {name: args[name] for name in _PLAIN if args.get(name) is not None}
    readers = {
        "content": lambda value: _text("content", value, _CONTENT_MAX),
        "description": lambda value: _text("description", value, _DESCRIPTION_MAX),
        "priority": _priority,
        "labels": _labels,
        "due": lambda value: _due(account, value),
        "deadline": _deadline,
        "duration": _duration,
    }
    return {**found, **{name: read(args[name]) for name, read in readers.items() if name in args}}


def _text(name: str, value: Any, most: int) -> str:  # JSON
    if not isinstance(value, str):
        raise invalid(name, "not a text")
    text = value.strip()
    if len(text) > most or (name == "content" and not text):
        raise invalid(name, f"from 1 to {most} characters")
    return text


def _priority(value: Any) -> int:  # JSON
    if isinstance(value, bool) or value not in _PRIORITIES:
        raise invalid("priority", "from 1 to 4")
    return int(value)


def _labels(value: Any) -> list[str]:  # JSON
    if not isinstance(value, list) or any(not isinstance(name, str) for name in value):
        raise invalid("labels", "a list of names")
    return list(dict.fromkeys(value))


def _due(account: Account, value: Any) -> dict[str, Any] | None:  # JSON
    return due_of(value, now=account.local_now, timezone=account.timezone)


def _deadline(value: Any) -> dict[str, Any] | None:  # JSON
    if not value:
        return None
    if not isinstance(value, Mapping) or not isinstance(value.get("date"), str):
        raise invalid("deadline", "an object with a date")
    return {"date": value["date"], "lang": str(value.get("lang") or "en")}


def _duration(value: Any) -> dict[str, Any] | None:  # JSON
    if not value:
        return None
    wrong: Rejected = invalid("duration", "an object with a positive amount, and minute or day for its unit")
    if not isinstance(value, Mapping) or value.get("unit") not in _UNITS:
        raise wrong
    if not isinstance(value.get("amount"), int) or value["amount"] <= 0:
        raise wrong
    return {"amount": value["amount"], "unit": value["unit"]}
