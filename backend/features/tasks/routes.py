"""The routes of tasks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, status

from backend.features.tasks import service
from backend.features.tasks.schemas import TaskChange, TaskIn, TaskPageV1, TasksQuery, TaskV1
from backend.web.guards import TaskDep, TaskWriteDep, TwinDep, TwinWriteDep
from backend.web.problems import documented
from backend.web.services import ServicesDep

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])


@router.get("", responses=documented(401, 422, 503))
async def list_tasks(query: Annotated[TasksQuery, Query()], user: TwinDep, *, services: ServicesDep) -> TaskPageV1:
    """List your tasks, newest first."""
    async with services.database.statement() as connection:
        page = await service.browse(connection, user.twin_id, query=query)
    return TaskPageV1.model_validate(page)


@router.post("", status_code=status.HTTP_201_CREATED, responses=documented(401, 413, 422, 503))
async def add_task(task: TaskIn, user: TwinWriteDep, *, services: ServicesDep) -> TaskV1:
    """Add a task by hand."""
    async with services.database.unit_of_work() as connection:
        added = await service.add(connection, user.twin_id, task=task)
    return TaskV1.model_validate(added)


@router.get("/{task_id}", responses=documented(401, 404, 422, 503))
async def read_task(task_id: UUID, user: TaskDep, *, services: ServicesDep) -> TaskV1:
    """Read one of your tasks."""
    async with services.database.statement() as connection:
        task = await service.read(connection, user.twin_id, task_id=task_id)
    return TaskV1.model_validate(task)


@router.patch("/{task_id}", responses=documented(401, 404, 413, 422, 503))
async def change_task(task_id: UUID, wanted: TaskChange, user: TaskWriteDep, *, services: ServicesDep) -> TaskV1:
    """Change what you name of one of your tasks; null takes it away."""
    async with services.database.unit_of_work() as connection:
        task = await service.change(connection, user.twin_id, task_id=task_id, wanted=wanted)
    return TaskV1.model_validate(task)


@router.post("/{task_id}/complete", responses=documented(401, 404, 422, 503))
async def complete_task(task_id: UUID, user: TaskWriteDep, *, services: ServicesDep) -> TaskV1:
    """Mark one of your tasks as done; doing so twice is no error."""
    async with services.database.unit_of_work() as connection:
        task = await service.complete(connection, user.twin_id, task_id=task_id)
    return TaskV1.model_validate(task)


@router.post("/{task_id}/reopen", responses=documented(401, 404, 422, 503))
async def reopen_task(task_id: UUID, user: TaskWriteDep, *, services: ServicesDep) -> TaskV1:
    """Mark one of your tasks as not done; doing so twice is no error."""
    async with services.database.unit_of_work() as connection:
        task = await service.reopen(connection, user.twin_id, task_id=task_id)
    return TaskV1.model_validate(task)


@router.delete("/{task_id}", status_code=status.HTTP_204_NO_CONTENT, responses=documented(401, 404, 422, 503))
async def delete_task(task_id: UUID, user: TaskWriteDep, *, services: ServicesDep) -> None:
    """Delete one of your tasks."""
    async with services.database.unit_of_work() as connection:
        await service.remove(connection, user.twin_id, task_id=task_id)
