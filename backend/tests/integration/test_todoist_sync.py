"""A sync makes both sides the same, field by field."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from backend.db.unit_of_work import Database
from backend.tests.integration.todoist_world import Both, both_sides, utc


@pytest.fixture
async def both(database: Database, database_url: str, todoist_url: str) -> AsyncIterator[Both]:
    """Return both sides, empty."""
    async with both_sides(database, database_url, todoist_url=todoist_url) as both:
        yield both


async def test_a_task_made_here_is_made_there_once(both: Both) -> None:
    """In its project, which is made too, with every field; a second sync says nothing."""
    project = both.here.project("Garden")
    due = {"due_on": date(2026, 11, 27), "due_at": utc("2026-11-27T14:00:00"), "due_zone": "Europe/Berlin"}
    both.here.add("Plant bulbs", notes="tulips", priority=1, labels=["home", "autumn"], project_id=project, **due)
    both.here.add("Call Jo")

    await both.sync()

    items = {row["content"]: row for row in both.there.items().values()}
    planted = items["Plant bulbs"]
    assert planted["project_id"] == both.there.projects()["Garden"]
    assert (planted["description"], planted["priority"], planted["labels"]) == ("tulips", 4, ["autumn", "home"])
    assert (planted["due"]["date"], planted["due"]["timezone"]) == ("2026-11-27T14:00:00Z", "Europe/Berlin")
    assert items["Call Jo"]["project_id"] == both.there.projects()["Inbox"]
    before = both.there.items()
    both.there.forget_requests()
    assert (await both.sync()).counts.total() == 0
    assert both.there.items() == before
    assert both.there.requests() == ["POST /sync"]


async def test_a_task_made_there_is_made_here_once(both: Both) -> None:
    """With every field, its source and its project."""
    await both.sync()
    project = both.there.do("project_add", {"name": "Garden"})
    due = {"date": "2026-11-27T15:00:00"}
    both.there.add(" Plant bulbs ", description="tulips", priority=3, labels=["b", "a"], project_id=project, due=due)
    both.there.add("Done before it was known")
    both.there.do("item_complete", {"id": [*both.there.items()][-1]})

    await both.sync()
    await both.sync()

    task = both.here.titled("Plant bulbs")
    assert (task["notes"], task["priority"], task["labels"], task["source"]) == ("tulips", 2, ["a", "b"], "todoist")
    assert (task["due_on"], task["due_at"], task["due_zone"]) == (date(2026, 11, 27), utc("2026-11-27T15:00:00"), None)
    assert both.here.rows("SELECT name FROM projects WHERE id = %s", task["project_id"]) == [{"name": "Garden"}]
    assert both.here.open_titles() == ["Plant bulbs"]


async def test_edits_of_different_fields_merge(both: Both) -> None:
    """Neither side loses anything."""
    task_id = both.here.add("Call Jo", priority=4)
    await both.sync()
    both.here.change(task_id, title="Call Jo Smith")
    both.there.update(both.here.remote_id(task_id), priority=4)

    run = await both.sync()

    item = both.there.items()[both.here.remote_id(task_id)]
    assert (item["content"], item["priority"]) == ("Call Jo Smith", 4)
    task = both.here.task(task_id)
    assert (task["title"], task["priority"]) == ("Call Jo Smith", 1)
    assert run.counts["conflicts"] == 0


async def test_edits_of_one_field_end_with_todoists(both: Both) -> None:
    """What gave way is in the run."""
    task_id = both.here.add("Call Jo")
    await both.sync()
    both.here.change(task_id, title="Call Jo today", notes="about the car")
    both.there.update(both.here.remote_id(task_id), content="Call Jo tomorrow")

    await both.sync()

    item = both.there.items()[both.here.remote_id(task_id)]
    assert (item["content"], item["description"]) == ("Call Jo tomorrow", "about the car")
    assert both.here.task(task_id)["title"] == "Call Jo tomorrow"
    lost = {"task_id": str(task_id), "field": "title", "lost": "Call Jo today", "kept": "Call Jo tomorrow"}
    assert both.here.last_run()["lost"] == [lost]
    assert both.here.last_run()["counts"]["conflicts"] == 1


@pytest.mark.parametrize(("command", "status"), [("item_complete", "done"), ("item_delete", "deleted")])
async def test_what_ended_there_ends_here_whatever_was_edited(both: Both, command: str, status: str) -> None:
    """Completion and deletion are final."""
    task_id = both.here.add("Call Jo")
    await both.sync()
    remote_id = both.here.remote_id(task_id)
    both.here.change(task_id, title="Call Jo today")
    both.there.do(command, {"id": remote_id})

    await both.sync()
    await both.sync()

    assert both.here.task(task_id)["status"] == status
    assert both.there.open_titles() == []


async def test_a_later_reopening_here_opens_it_there(both: Both) -> None:
    """It is a new change, not a lost one; a deleted task is made anew."""
    done, deleted = both.here.add("done"), both.here.add("deleted")
    await both.sync()
    both.there.do("item_complete", {"id": both.here.remote_id(done)})
    both.there.do("item_delete", {"id": both.here.remote_id(deleted)})
    await both.sync()
    for task_id in (done, deleted):
        both.here.change(task_id, status="open", completed_at=None, deleted_at=None)

    await both.sync()
    await both.sync()

    assert both.there.open_titles() == both.here.open_titles() == ["deleted", "done"]


async def test_completing_reopening_moving_and_deleting_here(both: Both) -> None:
    """Each is told with its own command."""
    garden, house = both.here.project("Garden"), both.here.project("House")
    moved, done, gone, inboxed = (both.here.add(name, project_id=garden) for name in "mdgi")
    await both.sync()
    gone_there, done_there = both.here.remote_id(gone), both.here.remote_id(done)
    both.here.change(moved, project_id=house)
    both.here.change(done, status="done")
    both.here.change(gone, status="deleted")
    both.here.change(inboxed, project_id=None)

    await both.sync()

    items, projects = both.there.items(), both.there.projects()
    assert items[both.here.remote_id(moved)]["project_id"] == projects["House"]
    assert items[both.here.remote_id(inboxed)]["project_id"] == projects["Inbox"]
    assert items[done_there]["checked"]
    assert items[gone_there]["is_deleted"]
    both.here.change(done, status="open")
    await both.sync()
    assert not both.there.items()[done_there]["checked"]


async def test_a_move_there_changes_the_project_here(both: Both) -> None:
    """A project that is not known here is made."""
    task_id = both.here.add("Call Jo", project_id=both.here.project("Garden"))
    await both.sync()
    house = both.there.do("project_add", {"name": "House"})
    both.there.do("item_move", {"id": both.here.remote_id(task_id), "project_id": house})

    await both.sync()

    project = both.here.rows("SELECT name FROM projects WHERE id = %s", both.here.task(task_id)["project_id"])
    assert project == [{"name": "House"}]


async def test_a_recurring_task_completed_there_moves_on(both: Both) -> None:
    """It is not done: its date is the next one."""
    item_id = both.there.add("Water", due={"date": "2026-11-20", "string": "every week"})
    await both.sync()
    both.there.do("item_close", {"id": item_id})

    await both.sync()

    task = both.here.titled("Water")
    assert (task["status"], task["recurrence"]) == ("open", "every week")
    assert task["due_on"].isoformat() == both.there.items()[item_id]["due"]["date"] > "2026-11-20"


async def test_a_recurring_task_completed_here_moves_on_once(both: Both) -> None:
    """On both sides, also when the same occurrence was completed there too."""
    first = both.here.add("Water", due_on=date(2026, 11, 20), recurrence="every week")
    second = both.here.add("Sweep", due_on=date(2026, 11, 20), recurrence="every week")
    await both.sync()
    both.here.change(first, status="done")
    both.here.change(second, status="done")
    both.there.do("item_close", {"id": both.here.remote_id(second)})

    await both.sync()
    await both.sync()

    dues = {both.there.items()[both.here.remote_id(each)]["due"]["date"] for each in (first, second)}
    assert len(dues) == 1
    for each in (first, second):
        task = both.here.task(each)
        assert (task["status"], task["due_on"].isoformat()) == ("open", *dues)


async def test_taking_a_date_away_takes_it_away_there(both: Both) -> None:
    """None is a value."""
    task_id = both.here.add("Call Jo", due_on=date(2026, 11, 27))
    await both.sync()
    both.here.change(task_id, due_on=None)

    await both.sync()

    assert both.there.items()[both.here.remote_id(task_id)]["due"] is None
    assert both.here.task(task_id)["due_on"] is None


async def test_a_refused_command_is_shown_and_not_repeated(both: Both) -> None:
    """Until the task changes, or a reconcile tries again; the others go through."""
    too_long = both.here.add("x" * 600)
    both.here.add("fine")

    run = await both.sync()
    both.there.forget_requests()
    await both.sync()

    assert run.counts["refused"] == 1
    assert both.there.open_titles() == ["fine"]
    assert both.there.requests() == ["POST /sync"]
    both.here.change(too_long, title="short")
    await both.sync()
    assert both.there.open_titles() == ["fine", "short"]


async def test_a_renamed_project_is_renamed_here(both: Both) -> None:
    """It stays the same project."""
    task_id = both.here.add("Call Jo", project_id=both.here.project("Garden"))
    await both.sync()
    both.there.do("project_update", {"id": both.there.projects()["Garden"], "name": "Yard"})

    await both.sync()

    project = both.here.task(task_id)["project_id"]
    assert both.here.rows("SELECT name, key FROM projects WHERE id = %s", project) == [{"name": "Yard", "key": "yard"}]


async def test_tasks_of_a_deleted_project_are_found_out(both: Both) -> None:
    """They are not told of one by one, so that each is asked for."""
    task_id = both.here.add("Call Jo", project_id=both.here.project("Garden"))
    both.here.add("stays")
    await both.sync()
    both.there.do("project_delete", {"id": both.there.projects()["Garden"]})

    await both.sync()

    assert both.here.task(task_id)["status"] == "deleted"
    assert both.here.open_titles() == both.there.open_titles() == ["stays"]


async def test_tasks_of_an_archived_project_stay(both: Both) -> None:
    """Not listed is not deleted."""
    task_id = both.here.add("Call Jo", project_id=both.here.project("Garden"))
    await both.sync()
    both.there.do("project_archive", {"id": both.there.projects()["Garden"]})

    await both.sync()
    await both.reconcile()

    assert both.here.task(task_id)["status"] == "open"


async def test_a_token_that_todoist_does_not_know_leads_to_a_comparison(both: Both) -> None:
    """Whether it is refused, or answered with everything."""
    task_id = both.here.add("Call Jo")
    await both.sync()
    remote_id = both.here.remote_id(task_id)
    both.here.execute("UPDATE todoist_accounts SET sync_token = 'nonsense'")
    both.there.do("item_complete", {"id": remote_id})
    await both.sync()
    assert both.here.task(task_id)["status"] == "done"

    both.here.execute("UPDATE todoist_accounts SET sync_token = 'WyJvdGhlciIsIDNd'")
    both.there.do("item_uncomplete", {"id": remote_id})
    await both.sync()
    assert both.here.task(task_id)["status"] == "open"
    assert both.here.rows("SELECT count(*) AS n FROM tasks") == [{"n": 1}]
