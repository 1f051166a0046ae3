"""Applying: what Todoist says becomes what is here, in the caller's transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from backend.core.errors import ServiceError
from backend.db.unit_of_work import Connection
from backend.features.todoist.repository import accounts, commands, projects, tasks
from backend.features.todoist.rules.drift import Drift, classify, is_mass_deletion
from backend.features.todoist.rules.forms import MalformedItemError, columns_of, local_form, remote_form
from backend.features.todoist.rules.merging import is_deleted, merge
from backend.features.todoist.rules.records import DONE, OPEN, Linked, Places
from backend.features.todoist.rules.telling import removal
from backend.features.todoist.service import adopting
from backend.features.todoist.service.adopting import Unlinked
from backend.features.todoist.service.context import Run
from backend.knowledge.names import key_of
from backend.providers.todoist.records import Item, RemoteProject

_CHUNK = 1_000
# An index holds no longer ones.
_KEY_BYTES = 2_000


class MassDeletionError(ServiceError):
    """So many tasks are gone over there that a person should look first."""

    slug = "todoist-mass-deletion"
    title = "Many tasks are gone in Todoist"
    status = 409


@dataclass(frozen=True, kw_only=True, slots=True)
class Pulled:
    """What Todoist has said.

    Attributes:
        items: Tasks, each once.
        projects: Projects.
        is_complete: Whether this comes out of a complete comparison.
    """

    items: Sequence[Item]
    projects: Sequence[RemoteProject]
    is_complete: bool = False


@dataclass(kw_only=True, slots=True)
class _Changes:
    """Rows to write."""

    tasks: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    gone: list[UUID] = field(default_factory=list)
    overruled: list[UUID] = field(default_factory=list)
    made: list[dict[str, Any]] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)


def refuse_mass_deletion(run: Run, gone: int, *, linked: int) -> None:
    """Stop a run before it deletes many tasks, unless a person has agreed.

    Args:
        run: The run.
        gone: How many are gone over there.
        linked: How many open ones are linked.

    Raises:
        MassDeletionError: There are too many.
    """
    if not run.is_confirmed and is_mass_deletion(gone, linked=linked):
        msg = (
            f"{gone} of {linked} linked tasks are gone in Todoist. None was deleted here, and nothing is synced until a"
            " person has looked: if that is meant, send POST /v1/sync/todoist/reconcile?confirm=true."
        )
        raise MassDeletionError(msg)


async def place(run: Run, connection: Connection, found: Sequence[RemoteProject]) -> Places:
    """Link the projects that were told of, and return which one is which.

    Args:
        run: The run.
        connection: A transaction that has locked the account.
        found: Projects, those that are gone too.
    """
    inbox = next((each.id for each in found if each.is_inbox and not each.is_gone), None)
    if inbox is not None:
        await accounts.set_inbox(connection, run.twin_id, inbox=inbox)
    named = [(each, (each.name or "").strip()) for each in found if not each.is_gone and not each.is_inbox]
    rows = [{"remote_id": each.id, "name": name, "key": key} for each, name in named if _fits(key := key_of(name))]
    if rows:
        await projects.keep(connection, run.twin_id, rows=rows)
    gone = [each.id for each in found if each.is_gone]
    if gone and await projects.unlink(connection, run.twin_id, remote_ids=gone):
        # The tasks of a project that is gone may not be told of one by one.
        run.needs_compare = True
    account = await accounts.fenced(connection, run.twin_id, run_id=run.id)
    return Places(inbox=account.inbox, here=await projects.known(connection, run.twin_id))


def _fits(key: str) -> bool:
    return 0 < len(key.encode()) <= _KEY_BYTES


async def apply(run: Run, connection: Connection, pulled: Pulled) -> None:
    """Write here what Todoist says.

    Args:
        run: The run.
        connection: A transaction that has locked the account.
        pulled: What it says.

    Raises:
        MassDeletionError: It says that many tasks are deleted.
    """
    places = await place(run, connection, pulled.projects)
    if not pulled.is_complete:
        await _look_before(run, connection, pulled.items)
    others: Unlinked | None = None
    for chunk in _chunks(pulled.items):
        rows = await tasks.linked(connection, run.twin_id, remote_ids=[item.id for item in chunk])
        known = {row.remote_id for row in rows}
        fresh = [item for item in chunk if item.id not in known]
        if others is None and fresh:
            others = await adopting.unlinked(run, connection, is_complete=pulled.is_complete)
        changes = _Changes()
        adopted = _sort_out(run, fresh, places=places, others=others, changes=changes) if others else []
        if adopted:
            await adopting.link(run, connection, adopted)
            ids = [remote_id for remote_id, *_ in adopted]
            rows += await tasks.linked(connection, run.twin_id, remote_ids=ids)
        _merge_all(run, chunk, rows=rows, places=places, changes=changes)
        await _write(run, connection, changes)


async def _look_before(run: Run, connection: Connection, items: Sequence[Item]) -> None:
    gone = [item.id for item in items if item.is_deleted and not item.checked]
    if gone:
        rows = await tasks.linked(connection, run.twin_id, remote_ids=gone)
        still_open = sum(row.base["status"] == OPEN for row in rows)
        refuse_mass_deletion(run, still_open, linked=await tasks.count_open_links(connection, run.twin_id))


def _chunks(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    for start in range(0, len(items), _CHUNK):
        yield items[start : start + _CHUNK]


def _sort_out(
    run: Run, fresh: Sequence[Item], *, places: Places, others: Unlinked, changes: _Changes
) -> list[tuple[str, Any, Any]]:
    """Return the unlinked tasks that are here already, with what they are; of the rest, note what to make."""
    adopted = []
    for item in fresh:
        try:
            form = remote_form(item, places, zone=run.zone)
            row = {"id": str(uuid4()), "remote_id": item.id, "base": form, **columns_of(form, run.zone)}
        except MalformedItemError:
            run.counts["malformed"] += 1
            continue
        if form["status"] != OPEN or not form["title"] or item.id in others.being_deleted:
            continue
        if found := others.take(form):
            run.note(item.id, Drift.DUPLICATE)
            adopted.append((item.id, *found))
        elif others.is_copy(form, added_at=item.added_at):
            run.note(item.id, Drift.DUPLICATE)
            changes.copies.append(item.id)
        else:
            run.note(item.id, Drift.UNLINKED_REMOTE)
            changes.made.append(row)
    return adopted


def _merge_all(run: Run, items: Sequence[Item], *, rows: Sequence[Linked], places: Places, changes: _Changes) -> None:
    by_id = {item.id: item for item in items}
    for row in rows:
        try:
            _merge_one(run, by_id[row.remote_id], row, places=places, changes=changes)
        except MalformedItemError:
            run.counts["malformed"] += 1


def _merge_one(run: Run, item: Item, row: Linked, *, places: Places, changes: _Changes) -> None:
    local, remote = local_form(row.task, run.zone), remote_form(item, places, zone=run.zone, base=row.base)
    merged = merge(row.base, local, remote)
    columns = columns_of(merged.form, run.zone)
    run.note(item.id, classify(row.base, local, remote=remote, merged=merged))
    is_changed = merged.form != local
    if is_changed:
        completed_at = item.completed_at if remote["status"] == DONE else None
        changes.tasks.append({"id": str(row.task.id), "completed_at": _time(completed_at), **columns})
        run.counts[f"pulled_{_verb(row, merged.form['status'])}"] += 1
    if is_deleted(remote):
        changes.gone.append(row.task.id)
        return
    revision = row.task.revision + is_changed
    # What is still to be told keeps the link behind the task.
    known = min(row.known, revision - 1) if merged.is_ahead else revision
    if remote != row.base or known != row.known:
        changes.links.append({"id": str(row.task.id), "base": remote, "revision": known})
    if merged.lost:
        run.note_lost(row.task.id, merged.lost)
        changes.overruled.append(row.task.id)


def _verb(row: Linked, status: str) -> str:
    if status == row.task.status:
        return "changed"
    return {OPEN: "reopened", DONE: "completed"}.get(status, "deleted")


def _time(text: str | None) -> str | None:
    moment = adopting.moment(text)
    return None if moment is None else moment.isoformat()


async def _write(run: Run, connection: Connection, changes: _Changes) -> None:
    await tasks.change(connection, changes.tasks)
    await tasks.agree(connection, changes.links)
    await commands.drop(connection, changes.overruled, reason="a change in Todoist came first")
    await commands.drop(connection, changes.gone, reason="deleted in Todoist")
    await commands.unlink_tasks(connection, changes.gone)
    await tasks.make(connection, run.twin_id, rows=changes.made)
    await commands.add(connection, run.twin_id, [removal(remote_id) for remote_id in changes.copies])
    run.counts["pulled_created"] += len(changes.made)
    run.counts["copies_deleted"] += len(changes.copies)
