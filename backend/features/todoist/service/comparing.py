"""Comparing: both sides completely, and what differs made the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from backend.core import clock
from backend.db.unit_of_work import Connection
from backend.features.todoist.repository import accounts, commands, tasks
from backend.features.todoist.repository import projects as project_rows
from backend.features.todoist.rules.drift import Drift, classify
from backend.features.todoist.rules.forms import MalformedItemError, local_form, remote_form
from backend.features.todoist.rules.merging import is_deleted, merge
from backend.features.todoist.rules.records import OPEN, Linked, Places
from backend.features.todoist.service import applying
from backend.features.todoist.service.applying import Pulled
from backend.features.todoist.service.context import Run
from backend.providers.todoist.errors import TodoistUnreadableError
from backend.providers.todoist.records import FULL, Item, RemoteProject, SyncAnswer, Window

# So many missing tasks are asked for one by one before a list of completed ones is worth its pages.
_FEW = 20
_LOOKUPS_MAX = 500
_COMPLETED_MAX = 10_000
_COMPLETED_WITHIN = timedelta(days=89)


@dataclass(frozen=True, kw_only=True, slots=True)
class Snapshot:
    """Everything that Todoist lists.

    Attributes:
        items: By id.
        projects: By id.
        token: Where the next delta begins.
        unreadable_ids: Tasks that are there, but cannot be read.
    """

    items: dict[str, Item]
    projects: dict[str, RemoteProject]
    token: str | None
    unreadable_ids: frozenset[str]


@dataclass(kw_only=True, slots=True)
class Survey:
    """How the linked tasks stand.

    Attributes:
        differing: Remote ids of tasks to merge.
        ahead: Links that are to be told of again.
        missing: Remote ids of tasks that are not listed.
        gone: How many open tasks are listed as deleted.
        seen: Remote ids of linked tasks.
    """

    differing: list[str] = field(default_factory=list)
    ahead: list[dict[str, Any]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    gone: int = 0
    seen: set[str] = field(default_factory=set)


async def compare(run: Run) -> None:
    """Read everything, find what differs, and repair it; what is to be told to Todoist is left to `push`.

    Args:
        run: The run.

    Raises:
        MassDeletionError: Many tasks are gone over there.
        TodoistError: There is no usable answer.
    """
    snapshot = await _read(run)
    survey, linked = await _survey(run, snapshot)
    found = await _completed(run, survey.missing)
    missing = [remote_id for remote_id in survey.missing if remote_id not in found]
    applying.refuse_mass_deletion(run, len(missing) + survey.gone, linked=linked)
    found |= await _looked_up(run, missing)
    fresh = [item for item in snapshot.items.values() if item.id not in survey.seen]
    items = [*(snapshot.items[remote_id] for remote_id in survey.differing), *found.values(), *fresh]
    async with run.writing() as (connection, _):
        await applying.apply(run, connection, Pulled(items=items, projects=(), is_complete=True))
        await tasks.know(connection, survey.ahead)
        await commands.forgive(connection, run.twin_id, with_lost=True)
        run.drift[Drift.ORPHAN_LOCAL] += await tasks.count_orphans(connection, run.twin_id)
        await accounts.advance(connection, run.twin_id, token=snapshot.token)
    run.needs_compare = False


async def _read(run: Run) -> Snapshot:
    # A full answer may lag behind; the delta after it is what makes it true.
    whole = await run.todoist.sync(FULL)
    since = await run.todoist.sync(whole.sync_token)
    run.counts["malformed"] += whole.malformed + since.malformed
    projects = {each.id: each for answer in (whole, since) for each in answer.projects}
    if not any(each.is_inbox for each in projects.values()) and (inbox := (await run.todoist.user()).inbox_project_id):
        projects[inbox] = RemoteProject.model_validate({"id": inbox, "inbox_project": True})
    return Snapshot(
        items=_by_id(whole, since),
        projects=projects,
        token=since.sync_token,
        unreadable_ids=whole.unreadable_ids | since.unreadable_ids,
    )


def _by_id(*answers: SyncAnswer) -> dict[str, Item]:
    return {item.id: item for answer in answers for item in answer.items}


async def _survey(run: Run, snapshot: Snapshot) -> tuple[Survey, int]:
    """Return how the linked tasks stand, and how many of them are open."""
    survey = Survey()
    async with run.writing() as (connection, _):
        places = await _placed(run, connection, snapshot)
        linked = await tasks.count_open_links(connection, run.twin_id)
        async for row in tasks.every_linked(connection, run.twin_id, remote_ids=list(snapshot.items)):
            survey.seen.add(row.remote_id)
            if row.remote_id in snapshot.items or row.base["status"] != OPEN:
                _stand(run, row, snapshot.items.get(row.remote_id), places=places, survey=survey)
            elif row.remote_id not in snapshot.unreadable_ids:
                survey.missing.append(row.remote_id)
    return survey, linked


async def _placed(run: Run, connection: Connection, snapshot: Snapshot) -> Places:
    places = await applying.place(run, connection, list(snapshot.projects.values()))
    gone = places.here.keys() - snapshot.projects.keys()
    if gone:
        await project_rows.unlink(connection, run.twin_id, remote_ids=gone)
    return places


def _stand(run: Run, row: Linked, item: Item | None, *, places: Places, survey: Survey) -> None:
    local = local_form(row.task, run.zone)
    try:
        # A task that both sides knew to be over is not listed, and is as it was.
        remote = row.base if item is None else remote_form(item, places, zone=run.zone, base=row.base)
    except MalformedItemError:
        run.counts["malformed"] += 1
        return
    drift = classify(row.base, local, remote=remote, merged=merge(row.base, local, remote))
    if drift is Drift.LOCAL_AHEAD:
        run.note(row.remote_id, drift)
        if row.known >= row.task.revision:
            survey.ahead.append({"task_id": str(row.task.id), "revision": row.task.revision - 1})
    elif drift is Drift.IN_SYNC and remote == row.base:
        run.note(row.remote_id, drift)
    else:
        survey.differing.append(row.remote_id)
        survey.gone += is_deleted(remote) and row.base["status"] == OPEN


async def _completed(run: Run, missing: list[str]) -> dict[str, Item]:
    """Return those of many missing tasks that were completed, by one list instead of one by one.

    An occurrence of a recurring task is listed too, and says nothing of the task: that one is asked for by itself.
    """
    if len(missing) <= _FEW:
        return {}
    now = clock.now()
    window = Window(since=now - _COMPLETED_WITHIN, until=now + timedelta(minutes=5))
    listed = await run.todoist.completed_since(window, most=_COMPLETED_MAX)
    wanted = set(missing)
    return {item.id: item for item in listed.items if item.id in wanted and _is_over(item)}


def _is_over(item: Item) -> bool:
    return bool(item.checked) and not (item.due and item.due.is_recurring)


async def _looked_up(run: Run, missing: list[str]) -> Mapping[str, Item]:
    """Return what became of missing tasks; those beyond a limit wait for the next time, as they are."""
    found = dict[str, Item]()
    run.counts["unresolved"] += max(0, len(missing) - _LOOKUPS_MAX)
    for remote_id in missing[:_LOOKUPS_MAX]:
        try:
            item = await run.todoist.get_task(remote_id)
        except TodoistUnreadableError:
            run.counts["malformed"] += 1
            continue
        found[remote_id] = item or Item(id=remote_id, is_deleted=True, checked=False)
    return found
