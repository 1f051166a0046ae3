"""Scheduled tasks of an application, and running one now."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from gonogo.local.coolify import answers
from gonogo.local.coolify.calls import Call, Endpoint, RefusedCallError
from gonogo.local.coolify.resources import Task, TaskRun
from gonogo.local.coolify.version import EXECUTE, TASKS

_KNOWN = ("name", "command", "frequency", "container", "timeout", "enabled")
_NEEDED = ("name", "command", "frequency")


async def every(call: Call) -> Response:
    """Return the tasks of an application."""
    app = call.application()
    return answers.ok([_shown(task) for task in call.store.tasks if task.app == app.uuid])


async def create(call: Call) -> Response:
    """Add a task."""
    app, body = call.application(), await call.body()
    _check(body, needed=_NEEDED)
    now = call.store.now()
    task = Task(
        number=call.store.number(), uuid=call.store.new_uuid(), app=app.uuid, created_at=now, updated_at=now, **body
    )
    return answers.ok(_shown(call.store.tasks.put(task)), 201)


async def change(call: Call) -> Response:
    """Change a task."""
    body = await call.body()
    _check(body, needed=())
    task = call.store.tasks.put(replace(_found(call), **body, updated_at=call.store.now()))
    return answers.ok(_shown(task))


async def remove(call: Call) -> Response:
    """Remove a task."""
    call.store.tasks.remove(_found(call).uuid)
    return answers.message(200, "Scheduled task deleted.")


async def executions(call: Call) -> Response:
    """Return what became of a task's runs, newest first."""
    task = _found(call)
    runs = sorted((run for run in call.store.task_runs if run.task == task.uuid), key=lambda run: -run.number)
    return answers.ok([_ran(run) for run in runs])


async def execute(call: Call) -> Response:
    """Run a task once, even one that is off; of the run nothing is told."""
    call.office.work.execute(_found(call), call.application())
    return answers.message(200, "Scheduled task execution queued.")


_ALL = "/applications/{uuid}/scheduled-tasks"
_ONE = f"{_ALL}/{{task}}"
ENDPOINTS = (
    Endpoint(method="GET", path=_ALL, ability="read", handler=every, since=TASKS),
    Endpoint(method="POST", path=_ALL, ability="write", handler=create, since=TASKS),
    Endpoint(method="PATCH", path=_ONE, ability="write", handler=change, since=TASKS),
    Endpoint(method="DELETE", path=_ONE, ability="write", handler=remove, since=TASKS),
    Endpoint(method="GET", path=f"{_ONE}/executions", ability="read", handler=executions, since=TASKS),
    Endpoint(method="POST", path=f"{_ONE}/execute", ability="write", handler=execute, since=EXECUTE),
)


def _found(call: Call) -> Task:
    app = call.application()
    task = call.store.tasks.get(call.path("task"))
    if task is None or task.app != app.uuid:
        raise RefusedCallError(answers.message(404, "Scheduled task not found."))
    return task


def _check(body: Mapping[str, Any], *, needed: tuple[str, ...]) -> None:
    errors = {key: ["This field is not allowed."] for key in body if key not in _KNOWN}
    errors |= {key: [f"The {key} field is required."] for key in needed if not body.get(key)}
    if errors:
        raise RefusedCallError(answers.invalid(errors))


def _shown(task: Task) -> dict[str, Any]:
    return {
        "uuid": task.uuid,
        "name": task.name,
        "command": task.command,
        "frequency": task.frequency,
        "container": task.container,
        "timeout": task.timeout,
        "enabled": task.enabled,
        "created_at": task.created_at,
        "updated_at": task.updated_at,
    }


def _ran(run: TaskRun) -> dict[str, Any]:
    return {
        "uuid": run.uuid,
        "status": run.status,
        "message": run.message,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "retry_count": 0,
        "duration": run.duration,
        "error_details": run.error_details,
        "created_at": run.created_at,
        "updated_at": run.updated_at,
    }
