"""Exchanging: one request tells Todoist what is new here, and brings what is new there."""

import json
from collections.abc import Sequence
from urllib.parse import quote_plus
from uuid import UUID

from backend.db.unit_of_work import Connection
from backend.features.todoist.repository import accounts, commands
from backend.features.todoist.repository.commands import Settled
from backend.features.todoist.rules.records import DELETED
from backend.features.todoist.rules.telling import ADD, ADD_PROJECT, DELETE, NOT_REPEATABLE
from backend.features.todoist.service import applying
from backend.features.todoist.service.applying import Pulled
from backend.features.todoist.service.context import Run
from backend.providers.todoist.errors import TodoistRequestError
from backend.providers.todoist.records import Command, SyncAnswer

# A body may have 1 MiB.
_MOST_BYTES = 900_000
_BAD_REQUEST = 400
_NOT_FOUND = 404
_PUSHED = {ADD: "pushed_created", DELETE: "pushed_deleted", ADD_PROJECT: "projects_created"}


async def pull(run: Run) -> None:
    """Find out what has changed over there, after what was begun earlier has come to its end.

    Creations whose answer was lost are sent again first, under the same uuid: else the delta would bring their tasks as
    if somebody else had made them.

    Args:
        run: The run.
    """
    is_first = True
    while await exchange(run, types=NOT_REPEATABLE, always=is_first):
        is_first = False


async def send(run: Run) -> None:
    """Send every command whose end is not known, and take in what comes back.

    Args:
        run: The run.
    """
    while await exchange(run):
        continue


async def exchange(run: Run, *, types: Sequence[str] | None = None, always: bool = False) -> bool:
    """Send some commands, and apply the delta that is answered; return whether any were sent.

    Args:
        run: The run.
        types: Only commands of these types; None is all.
        always: Ask for the delta also when there is nothing to send.

    Raises:
        TodoistError: There is no usable answer; what was sent is sent again by the next run.
        SupersededError: Another run has begun meanwhile.
    """
    async with run.writing() as (connection, account):
        pending = _fitting(await commands.pending(connection, run.twin_id, tried=run.tried, types=types))
        await commands.note_sending(connection, [UUID(each.uuid) for each in pending])
    token = account.sync_token
    if token is None:
        run.needs_compare = True
    if not pending and (token is None or not always):
        return False
    run.tried |= {UUID(each.uuid) for each in pending}
    try:
        answer = await run.todoist.sync(token, commands=pending)
    except TodoistRequestError as error:
        if token is None or error.answered != _BAD_REQUEST:
            raise
        # It may be the token that is not known: without one the commands are sent alone, then everything is read.
        await _forget_token(run)
        run.tried -= {UUID(each.uuid) for each in pending}
        return True
    async with run.writing() as (connection, _):
        await _settle(run, connection, pending, answer=answer)
        await _take_in(run, connection, answer)
    return bool(pending)


def _fitting(pending: Sequence[Command]) -> list[Command]:
    """Return as many commands, from the first, as fit into one body."""
    fitting, length = list[Command](), 0
    for each in pending:
        length += len(quote_plus(json.dumps([each.type, each.uuid, each.temp_id, dict(each.args)]))) + 100
        if fitting and length > _MOST_BYTES:
            break
        fitting.append(each)
    return fitting


async def _forget_token(run: Run) -> None:
    async with run.writing() as (connection, _):
        await accounts.advance(connection, run.twin_id, token=None)
    run.needs_compare = True


async def _take_in(run: Run, connection: Connection, answer: SyncAnswer) -> None:
    if answer.sync_token is None:
        return
    run.counts["malformed"] += answer.malformed
    if answer.is_full:
        # Not a delta: what it does not hold may be gone, or not. The complete comparison finds out.
        run.needs_compare = True
        await accounts.advance(connection, run.twin_id, token=None)
        return
    items = list({item.id: item for item in answer.items}.values())
    await applying.apply(run, connection, Pulled(items=items, projects=answer.projects))
    await accounts.advance(connection, run.twin_id, token=answer.sync_token)


async def _settle(run: Run, connection: Connection, sent: Sequence[Command], *, answer: SyncAnswer) -> None:
    ends = [end for each in sent if (end := _end(each, answer)) is not None]
    run.tried -= {UUID(str(end["uuid"])) for end in ends}
    settled = await commands.settle(connection, run.twin_id, ends=ends) if ends else []
    done = [each for each in settled if each.is_done]
    run.counts["refused"] += len(settled) - len(done)
    run.counts.update(_PUSHED.get(each.type, "pushed_changed") for each in done)
    await _agree(run, connection, done)


def _end(command: Command, answer: SyncAnswer) -> dict[str, str | None] | None:
    """Return how a command ended; None when that is still open."""
    if command.uuid not in answer.done:
        return None
    refusal = answer.done[command.uuid]
    if refusal is not None and refusal.is_passing:
        return None
    if refusal is None or (command.type == DELETE and refusal.http_code == _NOT_FOUND):
        made = answer.ids.get(command.temp_id) if command.temp_id else None
        return {"uuid": command.uuid, "error": None, "remote_id": made}
    return {"uuid": command.uuid, "error": refusal.text, "remote_id": None}


async def _agree(run: Run, connection: Connection, done: Sequence[Settled]) -> None:
    made = [each for each in done if each.remote_id is not None]
    tasks = [
        {"task_id": str(each.task_id), "remote_id": each.remote_id, "base": each.told, "revision": each.revision}
        for each in made
        if each.type == ADD and each.task_id is not None
    ]
    projects = [
        {"remote_id": each.remote_id, "project_id": each.told["project"]} for each in made if each.type == ADD_PROJECT
    ]
    await commands.link_tasks(connection, run.twin_id, rows=tasks)
    await commands.link_projects(connection, run.twin_id, rows=projects)
    changed = [each for each in done if each.type not in {ADD, ADD_PROJECT} and each.task_id is not None]
    told: dict[str, dict[str, object]] = {}
    for each in changed:
        row = told.setdefault(str(each.task_id), {"task_id": str(each.task_id), "told": {}, "revision": 0})
        row |= {"told": {**row["told"], **each.told}, "revision": each.revision}  # type: ignore[dict-item]
    await commands.agree(connection, list(told.values()))
    deleted = [each.task_id for each in changed if each.told.get("status") == DELETED and each.task_id is not None]
    await commands.unlink_tasks(connection, deleted)
