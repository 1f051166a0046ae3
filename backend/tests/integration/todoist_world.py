"""What the tests of Todoist share: the account over there, the tasks here, one run between them."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID, uuid4

import httpx
import psycopg
from psycopg.rows import dict_row
from pydantic import SecretStr

from backend.db.unit_of_work import Database
from backend.features.todoist.repository import accounts
from backend.features.todoist.repository.accounts import Owner
from backend.features.todoist.service.context import Run
from backend.features.todoist.service.running import Order, perform
from backend.providers.todoist.client import TodoistAccess, opened
from backend.tests.integration.world import issue_token, user_of

OWNER = "ada@example.org"
Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class There:
    """The account in the stand-in, as its owner uses it.

    Attributes:
        url: Where the stand-in is.
        token: Opens the account.
    """

    url: str
    token: str

    @property
    def access(self) -> TodoistAccess:
        """Return the way to the account."""
        return TodoistAccess(base_url=f"{self.url}/api/v1", token=SecretStr(self.token), owner_email=OWNER)

    def do(self, kind: str, args: Mapping[str, Any]) -> str:
        """Do one command as the app does, and return the id of what it made, or was about."""
        return self.do_all([(kind, args)])[0]

    def do_all(self, commands: Sequence[tuple[str, Mapping[str, Any]]]) -> list[str]:
        """Do commands, a hundred at a time, and return the id of what each made, or was about."""
        made = list[str]()
        for start in range(0, len(commands), 100):
            batch: list[Row] = [
                {"type": kind, "uuid": str(uuid4()), "temp_id": f"t{number}", "args": dict(args)}
                for number, (kind, args) in enumerate(commands[start : start + 100])
            ]
            answer = self._call("POST", "/api/v1/sync", {"commands": batch})
            assert set(answer["sync_status"].values()) == {"ok"}, answer
            ids = answer["temp_id_mapping"]
            made += [
                ids.get(f"t{number}") or str(args["id"])
                for number, (_, args) in enumerate(commands[start : start + 100])
            ]
        return made

    def add(self, content: str, **args: Any) -> str:
        """Add a task, and return its id."""
        return self.do("item_add", {"content": content, **args})

    def update(self, item_id: str, **args: Any) -> None:
        """Change a task."""
        self.do("item_update", {"id": item_id, **args})

    def items(self) -> dict[str, Row]:
        """Return every task by id, those that are over too."""
        return {row["id"]: row for row in self._account()["items"]}

    def open_titles(self) -> list[str]:
        """Return the titles of the open tasks, sorted; a title stands as often as there are tasks."""
        return sorted(row["content"] for row in self.items().values() if not row["checked"] and not row["is_deleted"])

    def projects(self) -> dict[str, str]:
        """Return the ids of the projects that are not gone, by name."""
        rows = self._account()["projects"]
        return {row["name"]: row["id"] for row in rows if not row["is_deleted"] and not row["is_archived"]}

    def put(self, item: Mapping[str, Any]) -> None:
        """Give a task any values, checked by nobody."""
        self._call("POST", "/__standin__/items", {"token": self.token, "items": [dict(item)]})

    def control(self, path: str, /, **given: Any) -> Row:
        """Use one of the stand-in's own endpoints."""
        return self._call("POST", f"/__standin__/{path}", given)

    def fault(self, name: str, /, **given: Any) -> None:
        """Switch a fault on for what the service asks; how often is `times`."""
        self.control("faults", **{"name": name, **given})

    def heal(self) -> None:
        """Switch all faults off."""
        self._call("DELETE", "/__standin__/faults", {})

    def forget_requests(self) -> None:
        """Begin to count requests anew."""
        self._call("DELETE", "/__standin__/requests", {})

    def requests(self) -> list[str]:
        """Return what came in, as METHOD /path."""
        return [f"{each['method']} {each['path'].removeprefix('/api/v1')}" for each in self.seen()]

    def seen(self) -> list[Row]:
        """Return what came in, with its body."""
        return list(self._call("GET", "/__standin__/requests", None)["requests"])

    def _account(self) -> Row:
        (account,) = self._call("GET", "/__standin__/state", None)["accounts"]
        return dict(account)

    def _call(self, method: str, path: str, body: object) -> Row:
        headers = {"Authorization": f"Bearer {self.token}"}
        options: dict[str, Any] = {} if body is None else {"json": body}
        response = httpx.request(method, f"{self.url}{path}", headers=headers, timeout=60, **options)
        assert response.is_success, response.text
        return dict(response.json())


@dataclass(frozen=True, kw_only=True, slots=True)
class Here:
    """The owner's tasks in the service's database, as the rest of the service writes them.

    Attributes:
        database_url: Where they are.
        twin_id: Whose they are.
    """

    database_url: str
    twin_id: UUID

    def rows(self, sql: str, *values: object) -> list[Row]:
        """Return rows."""
        with psycopg.connect(self.database_url, autocommit=True, row_factory=dict_row) as connection:
            return connection.execute(sql.encode(), values).fetchall()

    def execute(self, sql: str, *values: object) -> None:
        """Change rows."""
        with psycopg.connect(self.database_url, autocommit=True) as connection:
            connection.execute(sql.encode(), values)

    def add(self, title: str, **columns: Any) -> UUID:
        """Add a task, and return its id."""
        values = {"title": title, "source": "capture", "twin_id": self.twin_id, **columns}
        names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
        sql = f"INSERT INTO tasks ({names}) VALUES ({marks}) RETURNING id"  # noqa: S608  # the test's own words
        (row,) = self.rows(sql, *values.values())
        return UUID(str(row["id"]))

    def change(self, task_id: UUID, **columns: Any) -> None:
        """Change a task, which counts as a change."""
        changes = ", ".join(f"{name} = %s" for name in columns)
        sql = f"UPDATE tasks SET {changes}, revision = revision + 1 WHERE id = %s"  # noqa: S608  # the test's own words
        self.execute(sql, *columns.values(), task_id)

    def project(self, name: str) -> UUID:
        """Add a project, and return its id."""
        sql = "INSERT INTO projects (twin_id, name, key) VALUES (%s, %s, %s) RETURNING id"
        return UUID(str(self.rows(sql, self.twin_id, name, name.lower())[0]["id"]))

    def task(self, task_id: UUID) -> Row:
        """Return a task."""
        return self.rows("SELECT * FROM tasks WHERE id = %s", task_id)[0]

    def titled(self, title: str) -> Row:
        """Return the only task of a title."""
        (row,) = self.rows("SELECT * FROM tasks WHERE title = %s AND twin_id = %s", title, self.twin_id)
        return row

    def open_titles(self) -> list[str]:
        """Return the titles of the open tasks, sorted; a title stands as often as there are tasks."""
        sql = "SELECT title FROM tasks WHERE status = 'open' AND twin_id = %s"
        return sorted(row["title"] for row in self.rows(sql, self.twin_id))

    def remote_id(self, task_id: UUID) -> str:
        """Return what Todoist calls a task."""
        return str(self.rows("SELECT remote_id FROM todoist_links WHERE task_id = %s", task_id)[0]["remote_id"])

    def linked(self, remote_id: str) -> Row:
        """Return the task that is linked to one over there."""
        sql = "SELECT tasks.* FROM tasks JOIN todoist_links ON task_id = tasks.id WHERE remote_id = %s"
        return self.rows(sql, remote_id)[0]

    def snapshot(self) -> list[Row]:
        """Return everything that a pull may write, to compare."""
        tables = ("tasks", "todoist_links", "projects", "todoist_projects", "todoist_commands")
        texts = (f"SELECT to_jsonb(t) AS row FROM {table} t ORDER BY 1" for table in tables)  # noqa: S608  # as above
        return [row for sql in texts for row in self.rows(sql)]

    def last_run(self) -> Row:
        """Return the run that began last."""
        return self.rows("SELECT * FROM todoist_runs ORDER BY started_at DESC, id LIMIT 1")[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Both:
    """Both sides, and what runs between them."""

    here: Here
    there: There
    database: Database
    owner: Owner

    async def run(self, kind: Literal["sync", "reconcile"] = "sync", *, confirm: bool = False) -> Run:
        """Sync or reconcile once."""
        async with opened(self.there.access) as todoist:
            return await perform(self.database, todoist, Order(owner=self.owner, kind=kind, is_confirmed=confirm))

    async def sync(self) -> Run:
        """Sync once."""
        return await self.run("sync")

    async def reconcile(self, *, confirm: bool = False) -> Run:
        """Reconcile once."""
        return await self.run("reconcile", confirm=confirm)

    def assert_equal(self) -> None:
        """Fail unless both sides have the same open tasks."""
        assert self.here.open_titles() == self.there.open_titles()


@asynccontextmanager
async def both_sides(database: Database, database_url: str, *, todoist_url: str) -> AsyncIterator[Both]:
    """Give an owner with a token, and an empty account."""
    user = await user_of(database, await issue_token(database, OWNER))
    there = There(url=todoist_url, token=uuid4().hex)
    there.control("accounts", token=there.token)
    async with database.statement() as connection:
        owner = await accounts.owner(connection, OWNER)
    assert owner is not None
    here = Here(database_url=database_url, twin_id=user.twin_id)
    yield Both(here=here, there=there, database=database, owner=owner)


def utc(text: str) -> datetime:
    """Return a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
