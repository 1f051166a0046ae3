"""Many tasks on both sides that are the same, then made to differ in every way that a rule speaks of."""

from dataclasses import dataclass
from uuid import UUID

from backend.tests.integration.todoist_world import Both, Row

_DUE = {"date": "2026-12-01"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """How much there is.

    Attributes:
        tasks: On both sides, before.
        of_each: How many differ in each of the ten ways.
    """

    tasks: int
    of_each: int

    @property
    def differences(self) -> int:
        """Return how many tasks differ."""
        return 10 * self.of_each

    @property
    def commands(self) -> int:
        """Return how many commands repair that: edited, moved, completed, deleted here, both edited, made here."""
        return 6 * self.of_each


SMALL = Profile(tasks=1_000, of_each=5)
LARGE = Profile(tasks=10_000, of_each=50)
# By how it came about, what a reconcile calls it.
EXPECTED = {
    "local_ahead": 4,
    "conflict": 1,
    "remote_ahead": 1,
    "remote_completed": 1,
    "remote_deleted": 1,
    "unlinked_remote": 1,
    "orphan_local": 1,
}


async def make_many(both: Both, profile: Profile) -> None:
    """Put tasks on both sides: half were made here, half there."""
    half = profile.tasks // 2
    both.here.project("Elsewhere")
    both.here.execute(
        "INSERT INTO tasks (twin_id, title, source, due_on, priority)"
        " SELECT %s, 'here ' || n, 'capture', '2026-12-01', 2 FROM generate_series(1, %s) AS n",
        both.here.twin_id,
        half,
    )
    both.there.do_all([("item_add", {"content": f"there {n}", "due": _DUE}) for n in range(1, half + 1)])
    both.here.add("in the project", project_id=_elsewhere(both))
    await both.sync()


def _elsewhere(both: Both) -> UUID:
    return UUID(str(both.here.rows("SELECT id FROM projects WHERE name = 'Elsewhere'")[0]["id"]))


def make_differ(both: Both, profile: Profile) -> None:
    """Change tasks on one side, on both, or make and remove them."""
    number = profile.of_each
    links = both.here.rows("SELECT task_id, remote_id FROM todoist_links JOIN tasks ON id = task_id ORDER BY title")
    shares = [links[start * number : (start + 1) * number] for start in range(8)]
    edited, moved, done, deleted, both_edited, remote, completed, gone = shares
    _change_here(both, edited, "title = title || '!'")
    _change_here(both, moved, f"project_id = '{_elsewhere(both)}'")
    _change_here(both, done, "status = 'done'")
    _change_here(both, deleted, "status = 'deleted'")
    _change_here(both, both_edited, "title = title || ' (here)', notes = 'from here'")
    for number_here in range(number):
        both.here.add(f"only here {number_here}")
    renamed = [*both_edited, *remote]
    both.there.do_all(
        [
            *(("item_update", {"id": row["remote_id"], "content": f"there {row['remote_id']}"}) for row in renamed),
            *(("item_complete", {"id": row["remote_id"]}) for row in completed),
            *(("item_delete", {"id": row["remote_id"]}) for row in gone),
            *(("item_add", {"content": f"only there {n}"}) for n in range(number)),
        ]
    )


def _change_here(both: Both, rows: list[Row], change: str) -> None:
    ids = [row["task_id"] for row in rows]
    # Half of them behind the revision's back, as a restored or a mended database would.
    both.here.execute(f"UPDATE tasks SET {change} WHERE id = ANY(%s)", ids[::2])  # noqa: S608  # the test's own words
    both.here.execute(f"UPDATE tasks SET {change}, revision = revision + 1 WHERE id = ANY(%s)", ids[1::2])  # noqa: S608


def differing(both: Both) -> list[tuple[str, str]]:
    """Return what the two sides say differently of open tasks."""
    sql = """SELECT remote_id, title, notes, priority, due_on::text AS due, projects.name AS project FROM tasks
      JOIN todoist_links ON task_id = tasks.id LEFT JOIN projects ON projects.id = project_id WHERE status = 'open'"""
    names = {remote_id: name for name, remote_id in both.there.projects().items()}
    here = {row["remote_id"]: row for row in both.here.rows(sql)}
    there = {row["id"]: _shown(row, names) for row in both.there.items().values() if _is_open(row)}
    assert here.keys() == there.keys()
    return [(str(here[key]), str(there[key])) for key in here if here[key] != there[key]]


def _is_open(row: Row) -> bool:
    return not row["checked"] and not row["is_deleted"]


def _shown(row: Row, names: dict[str, str]) -> Row:
    project = names[row["project_id"]]
    return {
        "remote_id": row["id"],
        "title": row["content"],
        "notes": row["description"],
        "priority": 5 - row["priority"],
        "due": row["due"]["date"] if row["due"] else None,
        "project": None if project == "Inbox" else project,
    }
