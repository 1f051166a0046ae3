"""Adopting: a task in Todoist that is not linked may be one that is here already."""

import json
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from backend.db.unit_of_work import Connection
from backend.features.todoist.repository import commands, tasks
from backend.features.todoist.repository.commands import Repeated
from backend.features.todoist.rules.forms import local_form
from backend.features.todoist.rules.records import Form, LocalTask
from backend.features.todoist.service.context import Run

# How far our clock and Todoist's may be apart.
_SKEW = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unlinked:
    """What a task in Todoist that is not linked may turn out to be.

    Attributes:
        here: Tasks here without a link, by title, project and due date.
        copies: Creations that were sent more than once, by all their fields.
        being_deleted: The remote ids of copies that we delete already.
    """

    here: dict[str, deque[tuple[LocalTask, Form]]]
    copies: dict[str, list[Repeated]]
    being_deleted: frozenset[str]

    def take(self, remote: Form) -> tuple[LocalTask, Form] | None:
        """Return a task here that is the same, which nobody else gets then; None when there is none.

        Args:
            remote: The task over there.
        """
        waiting = self.here.get(_identity(remote))
        return waiting.popleft() if waiting else None

    def is_copy(self, remote: Form, *, added_at: str | None) -> bool:
        """Return whether a task is a second copy of what we made: equal in every field, from while we sent it again.

        Args:
            remote: The task over there.
            added_at: When it came to be, as Todoist says.
        """
        at = moment(added_at)
        sent = self.copies.get(_all_of(remote), [])
        return at is not None and any(each.begun_at - _SKEW <= at <= each.settled_at + _SKEW for each in sent)


async def unlinked(run: Run, connection: Connection, *, is_complete: bool) -> Unlinked:
    """Return what unlinked tasks may turn out to be.

    Outside of a complete comparison only those tasks here are candidates that we have made over there without being
    told their ids: somebody who writes the same thing down on both sides a week apart may mean it twice.

    Args:
        run: The run.
        connection: A transaction that has locked the account.
        is_complete: Whether this is a complete comparison.
    """
    here = defaultdict[str, deque[tuple[LocalTask, Form]]](deque)
    for task in await tasks.orphans(connection, run.twin_id, only_lost=not is_complete):
        form = local_form(task, run.zone)
        here[_identity(form)].append((task, form))
    copies = defaultdict[str, list[Repeated]](list)
    for each in await commands.repeated(connection, run.twin_id):
        copies[_all_of(each.told)].append(each)
    return Unlinked(here=here, copies=copies, being_deleted=await commands.being_deleted(connection, run.twin_id))


async def link(run: Run, connection: Connection, pairs: Iterable[tuple[str, LocalTask, Form]]) -> None:
    """Link tasks that turned out to be the same.

    Args:
        run: The run.
        connection: A transaction that has locked the account.
        pairs: The remote id, the task here and its form.
    """
    # What is here counts as agreed on, so that where the two differ Todoist's is taken.
    rows = [
        {"task_id": str(task.id), "remote_id": remote_id, "base": form, "revision": task.revision}
        for remote_id, task, form in pairs
    ]
    await commands.link_tasks(connection, run.twin_id, rows=rows)
    run.counts["linked"] += len(rows)


def _identity(form: Form) -> str:
    return json.dumps([form["title"], form["project"], form["due"]], sort_keys=True)


def _all_of(form: Form) -> str:
    return json.dumps(dict(form), sort_keys=True)


def moment(text: str | None) -> datetime | None:
    """Return a time that Todoist says, None when it says none that can be read.

    Args:
        text: What it says.
    """
    try:
        found = datetime.fromisoformat(text or "").astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if (text or "").endswith("Z") or "+" in (text or "") else None
