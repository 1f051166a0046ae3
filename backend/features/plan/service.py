"""The rules of plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from backend.db.unit_of_work import Connection, Database
from backend.features.plan import repository
from backend.features.plan.repository import StoredPlan
from backend.features.plan.schemas import PlanItem, PlanV1, Source
from backend.jobs.enqueue import enqueue
from backend.jobs.records import NewJob
from backend.knowledge import tasks
from backend.knowledge.tasks import StoredTask
from backend.knowledge.zones import LocalTime, local_time
from backend.providers.llm import builtin
from backend.providers.llm.assistant import Assistant, Outcome
from backend.providers.llm.records import OpenTask, PlanDraft, PlanRequest

REFRESH = "plan.refresh"
_MOST_TASKS = 200
_NO_PLAN = "no plan yet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Queued:
    """A refresh that waits.

    Attributes:
        day: The day that it plans.
        job_id: The job.
    """

    day: date
    job_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Planning:
    """Plans days.

    Attributes:
        database: Where tasks are.
        assistant: Makes a day of them.
    """

    database: Database
    assistant: Assistant

    async def refresh(self, connection: Connection, twin_id: UUID, *, day: date) -> None:
        """Plan a day anew.

        Args:
            connection: The job's transaction; nothing is asked of it before the plan is made.
            twin_id: Whose day it is.
            day: In its owner's zone.
        """
        async with self.database.statement() as reading:
            request = await _request(reading, twin_id, day=day, time=await local_time(reading, twin_id))
        outcome = await self.assistant.plan(request, twin_id=twin_id)
        await repository.keep(connection, twin_id, day=day, plan=_plan(outcome, request))


async def queue_refresh(connection: Connection, twin_id: UUID) -> Queued:
    """Queue a refresh of the twin's today, unless one waits already.

    Args:
        connection: A connection on which each statement commits.
        twin_id: Whose day it is.
    """
    day = (await local_time(connection, twin_id)).day
    known = await repository.refreshes(connection, twin_id, kind=REFRESH, day=day)
    if known.waiting is not None:
        return Queued(day=day, job_id=known.waiting)
    # Who asks at the same time counts as many, and so gets the same job.
    key = f"{REFRESH}:{twin_id}:{day.isoformat()}:{known.number}"
    job = NewJob(kind=REFRESH, twin_id=twin_id, idempotency_key=key, payload={"day": day.isoformat()})
    return Queued(day=day, job_id=await enqueue(connection, job))


async def today(connection: Connection, twin_id: UUID) -> PlanV1:
    """Return the twin's day: as it was planned, else by the built-in rules.

    Args:
        connection: An open connection.
        twin_id: Whose day it is.
    """
    time = await local_time(connection, twin_id)
    plan = await repository.find(connection, twin_id, day=time.day) or await _planned_at_once(connection, twin_id, time)
    items = await _items(connection, twin_id, plan=plan)
    return PlanV1(
        day=time.day,
        timezone=time.timezone,
        generated_at=plan.created_at,
        source=plan.source,
        reason=plan.reason,
        is_stale=await repository.has_changed(connection, twin_id, since=plan.created_at),
        items=items,
    )


async def _planned_at_once(connection: Connection, twin_id: UUID, time: LocalTime) -> StoredPlan:
    request = await _request(connection, twin_id, day=time.day, time=time)
    draft = Outcome(value=builtin.plan(request), source="fallback", reason=_NO_PLAN)
    return _plan(draft, request)


async def _request(connection: Connection, twin_id: UUID, *, day: date, time: LocalTime) -> PlanRequest:
    found = await tasks.most_urgent(connection, twin_id, limit=_MOST_TASKS)
    return PlanRequest(day=day, now=time.now, timezone=time.timezone, tasks=tuple(_open(each) for each in found))


def _open(task: StoredTask) -> OpenTask:
    return OpenTask(
        id=task.id,
        title=task.title,
        priority=task.priority,
        due_on=task.due_on,
        due_at=task.due_at,
        estimate_minutes=task.estimate_minutes,
        project=task.project,
    )


def _plan(outcome: Outcome[PlanDraft], request: PlanRequest) -> StoredPlan:
    return StoredPlan(
        items=[item.model_dump(mode="json") for item in outcome.value.today_plan],
        source=outcome.source,
        reason=outcome.reason,
        created_at=request.now,
    )


async def _items(connection: Connection, twin_id: UUID, *, plan: StoredPlan) -> list[PlanItem]:
    places = {UUID(item["task_id"]): item for item in plan.items}
    still_open = await repository.open_among(connection, twin_id, task_ids=list(places))
    return [_item(still_open[each], place, plan.source) for each, place in places.items() if each in still_open]


def _item(task: StoredTask, place: Mapping[str, Any], source: Source) -> PlanItem:
    return PlanItem(
        task_id=task.id,
        title=task.title,
        priority=place["priority"],
        estimate_minutes=place["estimate_minutes"],
        due_on=task.due_on,
        due_at=task.due_at,
        reason=place["reason"],
        source=source,
    )
