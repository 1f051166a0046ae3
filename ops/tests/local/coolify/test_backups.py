"""Databases and their backups: what is done, and what is silently not done."""

from dataclasses import replace
from typing import Any

import pytest

from gonogo.local.coolify.control import create_database
from gonogo.local.coolify.resources import Database
from tests.local.scripted import Platform


@pytest.fixture
def database(coolify: Platform) -> Database:
    """Return a database that runs."""
    return create_database(coolify.store, {"name": "postgres", "password": "p"})


async def _schedule(coolify: Platform, database: Database, **more: Any) -> str:
    """Return a new schedule."""
    answer = await coolify.call("POST", f"/databases/{database.uuid}/backups", {"frequency": "daily", **more})
    assert answer.status_code == 201
    return str(answer.json()["uuid"])


async def _runs(coolify: Platform, database: Database, schedule: str) -> list[dict[str, Any]]:
    """Return a schedule's runs, newest first."""
    answer = await coolify.call("GET", f"/databases/{database.uuid}/backups/{schedule}/executions")
    found: list[dict[str, Any]] = answer.json()["executions"]
    return found


async def _asked(coolify: Platform, database: Database, schedule: str) -> None:
    """Ask for a backup now."""
    path = f"/databases/{database.uuid}/backups/{schedule}"
    answer = await coolify.call("PATCH", path, {"backup_now": True})
    assert answer.json() == {"message": "Database backup configuration updated"}


async def test_one_row_for_each_name(coolify: Platform, database: Database) -> None:
    """They run one after the other, and end with a size and a file."""
    schedule = await _schedule(coolify, database, databases_to_backup="a,b")
    await _asked(coolify, database, schedule)
    assert [run["status"] for run in await _runs(coolify, database, schedule)] == ["running", "running"]
    await coolify.clock.move(2)
    runs = await _runs(coolify, database, schedule)
    assert [(run["status"], run["size"] > 0, run["filename"][-4:]) for run in runs] == [("success", True, ".dmp")] * 2


async def test_a_database_that_does_not_run_is_not_backed_up_and_nobody_says_so(
    coolify: Platform, database: Database
) -> None:
    """The answer is the same as ever, and no row comes."""
    schedule = await _schedule(coolify, database)
    coolify.store.databases.put(replace(database, status="exited:unhealthy"))
    await _asked(coolify, database, schedule)
    await coolify.clock.move(5)
    assert await _runs(coolify, database, schedule) == []


async def test_a_second_run_at_the_same_time_is_dropped(coolify: Platform, database: Database) -> None:
    """The answer is the same as ever, and one row comes."""
    schedule = await _schedule(coolify, database, backup_now=True)
    await _asked(coolify, database, schedule)
    await coolify.clock.move(5)
    assert len(await _runs(coolify, database, schedule)) == 1


async def test_a_failed_upload_is_a_success_with_a_warning(coolify: Platform, database: Database) -> None:
    """The warning stands in the message; that it was not uploaded only in the nested list."""
    schedule = await _schedule(coolify, database, save_s3=True)
    row = coolify.store.schedules.get(schedule)
    assert row
    coolify.store.schedules.put(replace(row, upload="S3 upload failed: no such bucket"))
    await _asked(coolify, database, schedule)
    await coolify.clock.move(2)
    (run,) = await _runs(coolify, database, schedule)
    (listed,) = (await coolify.call("GET", f"/databases/{database.uuid}/backups")).json()
    assert (run["status"], run["message"], "s3_uploaded" in run) == (
        "success",
        "S3 upload failed: no such bucket",
        False,
    )
    assert listed["executions"][0]["s3_uploaded"] is False


async def test_an_empty_dump_has_failed(coolify: Platform, database: Database) -> None:
    """It names no file."""
    schedule = await _schedule(coolify, database)
    row = coolify.store.schedules.get(schedule)
    assert row
    coolify.store.schedules.put(replace(row, dump_bytes=0))
    await _asked(coolify, database, schedule)
    await coolify.clock.move(2)
    (run,) = await _runs(coolify, database, schedule)
    assert (run["status"], run["filename"]) == ("failed", None)


async def test_schedules_of_another_engine_with_the_same_number_show_up(coolify: Platform, database: Database) -> None:
    """The list is filtered by number alone; the class tells whose they are."""
    other = create_database(coolify.store, {"name": "mysql", "engine": "standalone-mysql", "server_number": 1})
    await _schedule(coolify, database)
    await _schedule(coolify, other)
    listed = (await coolify.call("GET", f"/databases/{database.uuid}/backups")).json()
    assert [row["database_type"] for row in listed] == [
        "App\\Models\\StandalonePostgresql",
        "App\\Models\\StandaloneMysql",
    ]


async def test_a_redis_cannot_be_backed_up(coolify: Platform) -> None:
    """Engines without backups are 422."""
    redis = create_database(coolify.store, {"name": "redis", "engine": "standalone-redis"})
    answer = await coolify.call("POST", f"/databases/{redis.uuid}/backups", {"frequency": "daily"})
    assert answer.status_code == 422


async def test_a_frequency_is_needed_and_must_be_one(coolify: Platform, database: Database) -> None:
    """A cron expression or a word."""
    path = f"/databases/{database.uuid}/backups"
    codes = [
        (await coolify.call("POST", path, body)).status_code
        for body in ({"enabled": True}, {"frequency": "sometimes"}, {"frequency": "0 3 * * *"})
    ]
    assert codes == [422, 422, 201]


async def test_a_database_hides_its_password(coolify: Platform, database: Database) -> None:
    """Only whoever sees sensitive fields gets it and the URLs."""
    path = f"/api/v1/databases/{database.uuid}"
    reader = (await coolify.client(coolify.token_with("read")).get(path)).json()
    root = (await coolify.client().get(path)).json()
    assert "postgres_password" not in reader
    assert (root["postgres_password"], root["external_db_url"]) == ("p", None)


async def test_what_is_so_already_is_refused(coolify: Platform, database: Database) -> None:
    """Starting what runs and stopping what does not."""
    path = f"/databases/{database.uuid}"
    said = [(await coolify.call("POST", f"{path}/{verb}")).json()["message"] for verb in ("start", "stop", "stop")]
    assert said[::2] == ["Database is already running.", "Database is already stopped."]


async def test_deploying_a_database_makes_it_anew(coolify: Platform, database: Database) -> None:
    """An outage that is told as a start, without an id."""
    line = (await coolify.call("POST", "/deploy", {"uuid": database.uuid})).json()["deployments"]
    assert line == [{"message": "Database postgres started.", "resource_uuid": database.uuid}]
    assert (await coolify.call("GET", f"/databases/{database.uuid}")).json()["status"] == "running:unknown"


async def test_removing_a_schedule_removes_its_runs(coolify: Platform, database: Database) -> None:
    """What is gone is 404, in the words of each call."""
    schedule = await _schedule(coolify, database, backup_now=True)
    path = f"/databases/{database.uuid}/backups/{schedule}"
    await coolify.clock.move(2)
    run = (await _runs(coolify, database, schedule))[0]["uuid"]
    assert (await coolify.call("DELETE", f"{path}/executions/{run}")).status_code == 200
    assert (await coolify.call("DELETE", f"{path}/executions/{run}")).status_code == 404
    assert (await coolify.call("DELETE", path)).status_code == 200
    assert (await coolify.call("PATCH", path, {"enabled": False})).json() == {"message": "Backup config not found."}
    assert (await coolify.call("GET", f"{path}/executions")).json() == {"message": "Backup configuration not found."}


async def test_a_restart_of_coolify_fails_what_was_running(coolify: Platform, database: Database) -> None:
    """It would stay `running` for ever otherwise."""
    schedule = await _schedule(coolify, database, backup_now=True)
    await coolify.parts.close()
    coolify.parts.revive()
    assert [run["status"] for run in await _runs(coolify, database, schedule)] == ["failed"]
