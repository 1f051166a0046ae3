"""One account: its tables, what happened in it, and which commands it has executed."""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from gonogo.local.providers.todoist.rejections import not_found
from gonogo.local.providers.todoist.tables import Clock, Row, Table, Versions, new_id, second


class Account:
    """One account."""

    def __init__(self, clock: Clock, email: str) -> None:
        """Open an account with an inbox and nothing in it."""
        self.clock = clock
        self.email = email
        self.timezone = "UTC"
        self.user_id = new_id()
        self.epoch = new_id()
        self.versions = Versions()
        self.projects = Table(self.versions)
        self.sections = Table(self.versions)
        self.labels = Table(self.versions)
        self.items = Table(self.versions)
        self.children: defaultdict[str, set[str]] = defaultdict(set)
        self.in_project: defaultdict[str, set[str]] = defaultdict(set)
        self.orders: Counter[str] = Counter()
        self.completions: list[Row] = []
        self.events: list[Row] = []
        self.executed: dict[str, tuple[str, str] | None] = {}
        self.inbox = self.projects.put(project_row(self, {"name": "Inbox"}, inbox=True))["id"]

    @property
    def now(self) -> str:
        """Return the time as rows carry it."""
        return second(self.clock.now())

    @property
    def local_now(self) -> datetime:
        """Return the time in the owner's zone."""
        return self.clock.now().astimezone(ZoneInfo(self.timezone))

    @property
    def today(self) -> date:
        """Return the owner's day."""
        return self.local_now.date()

    def item(self, item_id: object) -> Row:
        """Return a task, completed ones too.

        Raises:
            Rejected: there is none, or it is deleted.
        """
        return _there(self.items, item_id, "Task")

    def project(self, project_id: object) -> Row:
        """Return a project.

        Raises:
            Rejected: there is none, or it is deleted.
        """
        return _there(self.projects, project_id, "Project")

    def section(self, section_id: object) -> Row:
        """Return a section.

        Raises:
            Rejected: there is none, or it is deleted.
        """
        return _there(self.sections, section_id, "Section")

    def label(self, label_id: object) -> Row:
        """Return a label.

        Raises:
            Rejected: there is none, or it is deleted.
        """
        return _there(self.labels, label_id, "Label")

    def is_active(self, item: Row) -> bool:
        """Return whether full lists show a task."""
        if item["checked"] or item["is_deleted"]:
            return False
        project = self.projects.get(item["project_id"])
        return project is None or not (project["is_archived"] or project["is_deleted"])

    def note(self, kind: str, event: str, row: Row) -> None:
        """Write down what happened to a row."""
        self.events.append(
            {
                "id": len(self.events) + 1,
                "object_type": kind,
                "object_id": row["id"],
                "event_type": event,
                "event_date": self.now,
                "parent_project_id": row.get("project_id"),
                "parent_item_id": row.get("parent_id"),
                "initiator_id": None,
                "extra_data": {"content": row.get("content") or row.get("name")},
            }
        )

    def user(self, token: str) -> Row:
        """Return the account as the API shows it; its own token is in it, as in Todoist's answer."""
        zone = {"timezone": self.timezone, "gmt_string": "+00:00", "hours": 0, "minutes": 0, "is_dst": 0}
        return {
            "id": self.user_id,
            "email": self.email,
            "full_name": self.email.partition("@")[0],
            "inbox_project_id": self.inbox,
            "is_premium": False,
            "lang": "en",
            "tz_info": zone,
            "token": token,
        }


def project_row(account: Account, args: dict[str, Any], *, inbox: bool = False) -> Row:
    """Return a new project."""
    now = account.now
    account.orders["projects"] += 1
    return {
        "id": new_id(),
        "name": args["name"],
        "description": args.get("description") or "",
        "color": args.get("color") or "charcoal",
        "parent_id": args.get("parent_id"),
        "child_order": account.orders["projects"],
        "is_collapsed": False,
        "is_shared": False,
        "is_favorite": bool(args.get("is_favorite", False)),
        "is_archived": False,
        "is_deleted": False,
        "can_assign_tasks": False,
        "view_style": args.get("view_style") or "list",
        "inbox_project": inbox,
        "created_at": now,
        "updated_at": now,
    }


def _there(table: Table, row_id: object, what: str) -> Row:
    row = table.get(row_id)
    if row is None or row["is_deleted"]:
        raise not_found(what)
    return row
