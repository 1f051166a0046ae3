"""A reconcile compares both sides completely, and repairs what differs by the written rules.

TODOIST_PROFILE=large compares 10,000 tasks with 500 differences, and shows how long that took and how much memory.
"""

import math
import os
import re
import sys
import tracemalloc
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from backend.core import clock
from backend.db.unit_of_work import Database
from backend.features.todoist.rules.drift import RULES, Drift
from backend.features.todoist.service.applying import MassDeletionError
from backend.tests.integration import todoist_drift
from backend.tests.integration.todoist_world import Both, both_sides
from backend.tests.integration.world import ROOT

# So much may the whole comparison need at its peak, beside what the driver and the library keep; it holds what Todoist
# lists, once, and rows from here some at a time.
_MEMORY_MAX = {"small": 10_000_000, "large": 60_000_000}


@pytest.fixture
async def both(database: Database, database_url: str, todoist_url: str) -> AsyncIterator[Both]:
    """Return both sides, empty."""
    async with both_sides(database, database_url, todoist_url=todoist_url) as both:
        yield both


async def test_every_difference_is_repaired_with_the_fewest_requests(both: Both) -> None:
    """One delta, one complete list, one delta after it, then a request per hundred commands; a second finds nothing."""
    size = os.environ.get("TODOIST_PROFILE", "small")
    profile = {"small": todoist_drift.SMALL, "large": todoist_drift.LARGE}[size]
    await todoist_drift.make_many(both, profile)
    todoist_drift.make_differ(both, profile)

    found, words = await measured(both, requests=3 + math.ceil(profile.commands / 100), size=size)

    assert found == {kind: share * profile.of_each for kind, share in todoist_drift.EXPECTED.items()}
    assert sum(found.values()) == profile.differences
    assert todoist_drift.differing(both) == []
    found_again, words_again = await measured(both, requests=3, size=size)
    assert found_again == {}
    sys.stderr.write(f"{profile.tasks} tasks, {profile.differences} differences: {words}, again: {words_again}\n")


async def measured(both: Both, *, requests: int, size: str) -> tuple[dict[str, int], str]:
    """Reconcile within so many requests and so much memory, and return what differed and what it took."""
    both.there.forget_requests()
    tracemalloc.start()
    started_s = clock.monotonic_s()
    run = await both.reconcile()
    took_s = clock.monotonic_s() - started_s
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert both.there.requests() == ["POST /sync"] * requests
    assert peak < _MEMORY_MAX[size]
    found = {str(kind): number for kind, number in run.drift.items() if kind != "in_sync" and number}
    return found, f"{took_s:.2f} s under a memory trace, peak {peak / 1e6:.1f} MB"


def test_the_written_rules_are_the_rules() -> None:
    """The table in the documentation says what the code says."""
    text = Path(ROOT, "docs", "todoist.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", text, re.MULTILINE)

    assert rows == [(str(drift), rule.when, rule.repair) for drift, rule in RULES.items()]


async def test_changes_that_no_delta_tells_are_found(both: Both) -> None:
    """A token that ran ahead, as after a restore: what is missing is asked for, one by one."""
    done, gone, edited, recurring = (both.here.add(name) for name in ("done", "gone", "edited", "recurring"))
    both.here.change(recurring, due_on=date(2026, 11, 20), recurrence="every week")
    await both.sync()
    both.there.do("item_complete", {"id": both.here.remote_id(done)})
    both.there.do("item_delete", {"id": both.here.remote_id(gone)})
    both.there.update(both.here.remote_id(edited), content="edited there")
    both.there.do("item_close", {"id": both.here.remote_id(recurring)})
    await _skip_ahead(both)
    both.there.forget_requests()

    run = await both.reconcile()

    assert both.there.requests().count("GET /tasks/" + both.here.remote_id(done)) == 1
    assert [both.here.task(each)["status"] for each in (done, gone, edited, recurring)] == [
        "done",
        "deleted",
        "open",
        "open",
    ]
    assert both.here.task(edited)["title"] == "edited there"
    assert both.here.task(recurring)["due_on"] > date(2026, 11, 20)
    counted = {str(kind): number for kind, number in run.drift.items() if number}
    assert counted == {"remote_completed": 1, "remote_deleted": 1, "remote_ahead": 2}


async def _skip_ahead(both: Both) -> None:
    """Move the token past everything, without taking anything in."""
    other = both.here.add("other")
    both.here.execute("DELETE FROM tasks WHERE id = %s", other)
    both.here.execute("CREATE TABLE before AS SELECT * FROM tasks")
    both.here.execute("CREATE TABLE before_links AS SELECT * FROM todoist_links")
    await both.sync()
    both.here.execute("DELETE FROM tasks")
    both.here.execute("INSERT INTO tasks SELECT * FROM before")
    both.here.execute("INSERT INTO todoist_links SELECT * FROM before_links")


async def test_a_deleted_task_may_be_answered_with_404(both: Both) -> None:
    """As well as with a tombstone."""
    gone = both.here.add("gone")
    await both.sync()
    both.there.control("settings", deleted_are_gone=True)
    both.there.do("item_delete", {"id": both.here.remote_id(gone)})
    await _skip_ahead(both)

    await both.reconcile()

    assert both.here.task(gone)["status"] == "deleted"


async def test_many_completed_tasks_are_found_in_one_list(both: Both) -> None:
    """Not one by one, and they are no mass deletion."""
    ids = [both.here.add(f"task {number}") for number in range(40)]
    await both.sync()
    both.there.do_all([("item_complete", {"id": both.here.remote_id(each)}) for each in ids])
    await _skip_ahead(both)
    both.there.forget_requests()

    run = await both.reconcile()

    assert run.drift[Drift.REMOTE_COMPLETED] == 40
    assert both.there.requests() == [*["POST /sync"] * 3, "GET /tasks/completed/by_completion_date"]


@pytest.mark.parametrize("kind", ["sync", "reconcile"])
async def test_a_mass_deletion_waits_for_a_person(both: Both, kind: str) -> None:
    """Nothing is deleted and nothing pushed until it is confirmed."""
    ids = [both.here.add(f"task {number}") for number in range(60)]
    await both.sync()
    both.there.do_all([("item_delete", {"id": both.here.remote_id(each)}) for each in ids[:30]])

    with pytest.raises(MassDeletionError, match="30 of 60"):
        await both.run("sync" if kind == "sync" else "reconcile")

    assert len(both.here.open_titles()) == 60
    assert both.here.last_run()["state"] == "blocked"
    await both.reconcile(confirm=True)
    assert len(both.here.open_titles()) == 30
    both.assert_equal()


async def test_equal_tasks_of_the_first_comparison_are_linked(both: Both) -> None:
    """Each with one other; a second one of the same name stays a task of its own."""
    due = {"due_on": date(2026, 11, 27)}
    both.here.add("Call Jo", **due)
    both.here.add("Buy milk")
    for _ in range(2):
        both.there.add("Call Jo", due={"date": "2026-11-27"}, description="mobile")
    both.there.add("Buy milk", due={"date": "2026-11-27"})

    run = await both.sync()

    assert run.drift[Drift.DUPLICATE] == 1
    assert both.here.open_titles() == both.there.open_titles() == ["Buy milk", "Buy milk", "Call Jo", "Call Jo"]
    assert both.here.rows("SELECT count(*) AS n FROM tasks WHERE notes = 'mobile'") == [{"n": 2}]


async def test_a_second_copy_of_what_was_sent_twice_is_deleted_there(both: Both) -> None:
    """Only where every field and the time say that it is ours; a person's own copy stays."""
    both.here.add("Call Jo", notes="about the car")
    await both.sync()
    both.here.execute("UPDATE todoist_commands SET attempts = 2, settled_at = now() + interval '1 minute'")
    both.there.add("Call Jo", description="about the car")
    both.there.add("Call Jo")

    await both.sync()

    assert both.here.open_titles() == both.there.open_titles() == ["Call Jo", "Call Jo"]
    await both.reconcile()
    both.assert_equal()


async def test_a_refused_command_is_tried_again_by_a_reconcile(both: Both) -> None:
    """What was in the way may be gone."""
    task_id = both.here.add("Call Jo")
    await both.sync()
    both.here.change(task_id, notes="x" * 20_000)
    assert (await both.sync()).counts["refused"] == 1
    assert (await both.sync()).counts["refused"] == 0

    assert (await both.reconcile()).counts["refused"] == 1
