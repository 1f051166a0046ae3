"""Today is always planned: by the last refresh, or by the built-in rules at once."""

import asyncio
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend.core.environment import Environment
from backend.db.unit_of_work import Database
from backend.features.plan import jobs
from backend.features.plan.service import Planning
from backend.jobs.runner import Limits, Runner
from backend.providers.llm.assistant import Assistant
from backend.tests.integration.assistants import Scripted
from backend.tests.integration.test_jobs import WORKER
from backend.tests.integration.test_tasks import add
from backend.tests.integration.world import Rows, bearer, eventually, issue_token, working

REFRESH, TODAY = "/v1/plan/refresh", "/v1/plan/get_today"


async def today(client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    """Return the plan."""
    answer = await client.get(TODAY, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


async def refresh(client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    """Queue a refresh and return what is said of it."""
    answer = await client.post(REFRESH, headers=bearer(token))
    assert answer.status_code == 202, answer.text
    queued: dict[str, Any] = answer.json()
    assert answer.headers["location"] == queued["status_url"]
    return queued


async def carry_out(database: Database, provider: Scripted | None) -> None:
    """Do what a worker does with the refreshes that wait."""
    planning = Planning(database=database, assistant=Assistant(provider, deadline_s=60))
    limits = Limits(concurrency=4, lease=timedelta(seconds=30))
    runner = Runner(database=database, kinds=jobs.kinds(planning), worker=WORKER, limits=limits)
    await runner.sweep()
    await runner.drain(timedelta(seconds=60))


async def begun(client: httpx.AsyncClient, token: str, database: Database, provider: Scripted) -> asyncio.Task[None]:
    """Queue a refresh, and return it when the provider thinks about it."""
    provider.door.clear()
    await refresh(client, token)
    running = asyncio.create_task(carry_out(database, provider))

    async def is_asked() -> bool:
        return bool(provider.asked)

    await eventually(is_asked)
    return running


class TestToday:
    """GET /v1/plan/get_today."""

    @pytest.mark.contracts
    async def test_nothing_to_do_is_a_plan(self, client: httpx.AsyncClient, token: str) -> None:
        """Without tasks and without a refresh there is an empty, valid day."""
        plan = await today(client, token)

        assert (plan["contract"], plan["items"], plan["is_stale"]) == ("plan.v1", [], False)
        assert (plan["source"], plan["reason"], plan["timezone"]) == ("fallback", "no plan yet", "UTC")
        assert plan["day"] == plan["generated_at"][:10]

    async def test_tasks_are_planned_at_once(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """Before any refresh the built-in rules do it; nothing is kept of that."""
        day = (await today(client, token))["day"]
        task = await add(client, token, title="now", due_on=day)

        (item,) = (await today(client, token))["items"]

        assert (item["task_id"], item["title"], item["due_on"], item["source"]) == (task["id"], "now", day, "fallback")
        assert rows.one("SELECT count(*) FROM plans") == (0,)

    async def test_day_is_the_owners(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """Where the date line runs between two people, their today is not the same day."""
        days = []
        for zone in ("Pacific/Kiritimati", "Etc/GMT+12"):
            rows.change("UPDATE users SET timezone = %s", zone)
            days.append(date.fromisoformat((await today(client, token))["day"]))

        assert days[0] - days[1] in {timedelta(days=1), timedelta(days=2)}

    async def test_unknown_zone_is_utc(self, client: httpx.AsyncClient, token: str, rows: Rows) -> None:
        """A name that this machine does not know breaks nothing."""
        rows.change("UPDATE users SET timezone = 'Mars/Base'")

        assert (await today(client, token))["timezone"] == "UTC"


class TestRefresh:
    """POST /v1/plan/refresh."""

    async def test_worker_plans_the_day(
        self, client: httpx.AsyncClient, token: str, environment: Environment, rows: Rows
    ) -> None:
        """The job's status is where the answer says; then the plan is the refreshed one."""
        await add(client, token)
        queued = await refresh(client, token)
        async with working(environment):
            await eventually(lambda: rows.is_done(queued["job_id"]))

        job = await client.get(queued["status_url"], headers=bearer(token))
        plan = await today(client, token)

        assert (job.json()["kind"], job.json()["status"]) == ("plan.refresh", "done")
        assert (plan["day"], plan["reason"], len(plan["items"])) == (queued["day"], "not configured", 1)

    async def test_provider_decides(
        self, client: httpx.AsyncClient, token: str, database: Database, rows: Rows
    ) -> None:
        """Its order, priorities, estimates and reasons are shown; the task says the rest, as it is now."""
        tasks = [await add(client, token, title=title) for title in ("a", "b", "c")]
        chosen = [
            {"task_id": UUID(each["id"]), "priority": 1, "estimate_minutes": 20, "reason": f"because {each['title']}"}
            for each in (tasks[2], tasks[0])
        ]
        provider = Scripted(planned={"today_plan": chosen})
        await refresh(client, token)
        await carry_out(database, provider)
        await client.patch(f"/v1/tasks/{tasks[2]['id']}", json={"title": "C"}, headers=bearer(token))

        plan = await today(client, token)

        assert [(item["title"], item["reason"]) for item in plan["items"]] == [("C", "because c"), ("a", "because a")]
        assert {(item["priority"], item["estimate_minutes"], item["source"]) for item in plan["items"]} == {
            (1, 20, "provider")
        }
        assert (plan["source"], plan["reason"], plan["is_stale"]) == ("provider", None, True)

    async def test_what_is_over_is_left_out(
        self, client: httpx.AsyncClient, token: str, database: Database, rows: Rows
    ) -> None:
        """A task that is done or deleted since is no item any more; what is left is not stale for that."""
        tasks = [await add(client, token, title=title) for title in ("done", "deleted", "left")]
        await refresh(client, token)
        await carry_out(database, None)
        await client.post(f"/v1/tasks/{tasks[0]['id']}/complete", headers=bearer(token))
        await client.delete(f"/v1/tasks/{tasks[1]['id']}", headers=bearer(token))

        plan = await today(client, token)

        assert [item["title"] for item in plan["items"]] == ["left"]
        assert plan["is_stale"] is False

    async def test_one_waits_however_often_it_is_asked_for(
        self, client: httpx.AsyncClient, token: str, database: Database, rows: Rows
    ) -> None:
        """Who asks while one waits, also at the same moment, gets that one; after it, another one."""
        first = await asyncio.gather(*(refresh(client, token) for _ in range(20)))
        other = await refresh(client, await issue_token(database, "bob@example.org"))
        rows.change("UPDATE jobs SET status = 'running' WHERE id = %s", first[0]["job_id"])
        second = await refresh(client, token)
        rows.change("UPDATE jobs SET status = 'done' WHERE id = %s", second["job_id"])
        rows.change("UPDATE jobs SET status = 'queued' WHERE id = %s", first[0]["job_id"])
        again = await refresh(client, token)

        assert {each["job_id"] for each in first} == {first[0]["job_id"]} == {again["job_id"]}
        assert len({first[0]["job_id"], second["job_id"], other["job_id"]}) == 3

    async def test_no_lock_is_held_while_the_provider_thinks(
        self, client: httpx.AsyncClient, token: str, database: Database, rows: Rows
    ) -> None:
        """Its tasks can be changed meanwhile."""
        task = await add(client, token)
        provider = Scripted(planned={"today_plan": []})
        running = await begun(client, token, database, provider)
        changed = await client.patch(f"/v1/tasks/{task['id']}", json={"title": "y"}, headers=bearer(token))
        provider.door.set()
        await running

        assert changed.status_code == 200
        assert (await today(client, token))["is_stale"] is True

    async def test_older_plan_does_not_replace_a_newer_one(
        self, client: httpx.AsyncClient, token: str, database: Database
    ) -> None:
        """Of two refreshes that cross, the one that has read later stays."""
        slow = Scripted(planned={"today_plan": []})
        await add(client, token)
        crossing = await begun(client, token, database, slow)
        await refresh(client, token)
        await carry_out(database, None)
        slow.door.set()
        await crossing

        assert len((await today(client, token))["items"]) == 1
