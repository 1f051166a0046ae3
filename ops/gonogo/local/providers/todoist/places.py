"""Projects, sections and labels: what can be done to them; each function is one Sync command."""

from collections.abc import Mapping
from typing import Any

from gonogo.local.providers.todoist import items
from gonogo.local.providers.todoist.account import Account, project_row
from gonogo.local.providers.todoist.rejections import Rejected, invalid, missing
from gonogo.local.providers.todoist.tables import Row, new_id

_PROJECT = ("name", "description", "color", "is_favorite", "view_style")
_LABEL = ("name", "color", "is_favorite", "item_order")

Args = Mapping[str, Any]


def add_project(account: Account, args: Args) -> str:
    """Add a project, and return its id."""
    row = account.projects.put(project_row(account, {**args, "name": _name(args)}))
    account.note("project", "added", row)
    return str(row["id"])


def update_project(account: Account, args: Args) -> None:
    """Change a project's fields."""
    _put_project(account, account.project(args.get("id")), **{name: args[name] for name in _PROJECT if name in args})


def delete_project(account: Account, args: Args) -> None:
    """Delete a project; its tasks go with it, and are not listed one by one."""
    row = account.project(args.get("id"))
    if row["id"] == account.inbox:
        raise Rejected(403, "FORBIDDEN", code=40, text="The inbox cannot be deleted")
    _put_project(account, row, is_deleted=True)
    for item_id in account.in_project.get(row["id"], ()):
        item = account.items.get(item_id)
        if item is not None:
            item["is_deleted"] = True
    account.note("project", "deleted", row)


def archive_project(account: Account, args: Args) -> None:
    """Archive a project; its tasks stay as they are, and are in no list."""
    _put_project(account, account.project(args.get("id")), is_archived=True)


def unarchive_project(account: Account, args: Args) -> None:
    """Bring an archived project back, with its tasks."""
    row = account.project(args.get("id"))
    _put_project(account, row, is_archived=False)
    for item_id in account.in_project.get(row["id"], ()):
        item = account.items.get(item_id)
        if item is not None:
            account.items.put(item)


def add_section(account: Account, args: Args) -> str:
    """Add a section to a project, and return its id."""
    project = account.project(args.get("project_id"))
    account.orders["sections"] += 1
    row: Row = {
        "id": new_id(),
        "user_id": account.user_id,
        "project_id": project["id"],
        "name": _name(args),
        "section_order": account.orders["sections"],
        "is_collapsed": False,
        "is_archived": False,
        "is_deleted": False,
        "added_at": account.now,
        "updated_at": account.now,
        "archived_at": None,
    }
    return str(account.sections.put(row)["id"])


def update_section(account: Account, args: Args) -> None:
    """Rename a section."""
    account.sections.put({**account.section(args.get("id")), "name": _name(args), "updated_at": account.now})


def delete_section(account: Account, args: Args) -> None:
    """Delete a section with its tasks."""
    row = account.section(args.get("id"))
    account.sections.put({**row, "is_deleted": True, "updated_at": account.now})
    for item in [each for each in account.items if each["section_id"] == row["id"] and not each["is_deleted"]]:
        items.delete(account, {"id": item["id"]})


def add_label(account: Account, args: Args) -> str:
    """Add a label, and return its id."""
    name = _name(args)
    if any(each["name"] == name and not each["is_deleted"] for each in account.labels):
        raise invalid("name", "there is one of this name")
    account.orders["labels"] += 1
    row: Row = {
        "id": new_id(),
        "name": name,
        "color": args.get("color") or "charcoal",
        "item_order": account.orders["labels"],
        "is_favorite": bool(args.get("is_favorite", False)),
        "is_deleted": False,
    }
    return str(account.labels.put(row)["id"])


def update_label(account: Account, args: Args) -> None:
    """Change a label's fields; tasks follow a new name."""
    row = account.label(args.get("id"))
    changed = account.labels.put({**row, **{name: args[name] for name in _LABEL if name in args}})
    _relabel(account, row["name"], [changed["name"]])


def delete_label(account: Account, args: Args) -> None:
    """Delete a label, and take it off every task."""
    row = account.label(args.get("id"))
    account.labels.put({**row, "is_deleted": True})
    _relabel(account, row["name"], [])


def _relabel(account: Account, name: str, instead: list[str]) -> None:
    if instead == [name]:
        return
    for item in [each for each in account.items if name in each["labels"] and not each["is_deleted"]]:
        kept = [each for each in item["labels"] if each != name]
        items.update(account, {"id": item["id"], "labels": kept + instead})


def _put_project(account: Account, row: Row, **changes: Any) -> Row:  # JSON
    return account.projects.put({**row, **changes, "updated_at": account.now})


def _name(args: Args) -> str:
    name = str(args.get("name") or "").strip()
    if not name:
        raise missing("name")
    return name
