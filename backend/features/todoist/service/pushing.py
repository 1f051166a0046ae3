"""Pushing: what has changed here is written down as commands, and sent."""

from backend.features.todoist.repository import commands, projects, tasks
from backend.features.todoist.rules.forms import local_form
from backend.features.todoist.rules.records import Places
from backend.features.todoist.rules.telling import changes, creation
from backend.features.todoist.service import exchanging
from backend.features.todoist.service.context import Run


async def push(run: Run) -> None:
    """Tell Todoist what has changed here, until there is nothing left to tell.

    Args:
        run: The run.
    """
    await _plan_projects(run)
    await exchanging.send(run)
    while await _plan_tasks(run):
        await exchanging.send(run)


async def _plan_projects(run: Run) -> None:
    async with run.writing() as (connection, _):
        await commands.add(connection, run.twin_id, await projects.wanted(connection, run.twin_id))


async def _plan_tasks(run: Run) -> bool:
    """Write commands down for some tasks, and return whether there were any tasks."""
    async with run.writing() as (connection, account):
        new, changed = await tasks.to_tell(connection, run.twin_id)
        places = Places(inbox=account.inbox, here=await projects.known(connection, run.twin_id))
        planned = [creation(task, local_form(task, run.zone), places=places) for task in new]
        seen = []
        for each in changed:
            told = changes(each, local_form(each.task, run.zone), places=places)
            planned += told
            if not told:
                seen.append({"task_id": str(each.task.id), "revision": each.task.revision})
        await tasks.know(connection, seen)
        await commands.add(connection, run.twin_id, planned)
    return bool(new or changed)
