"""The Sync endpoint: commands, then what has changed since a token."""

import base64
import json
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from gonogo.local.providers.todoist.account import Account
from gonogo.local.providers.todoist.calls import Call, Settings
from gonogo.local.providers.todoist.commands import Batch
from gonogo.local.providers.todoist.rejections import invalid, too_many
from gonogo.local.providers.todoist.tables import Row, Table

_FULL = "*"
_WINDOW_S = 15 * 60
_TABLES = ("items", "projects", "sections", "labels")
_LISTS = ("notes", "reminders", "filters")
_KINDS = (*_TABLES, *_LISTS, "user")


class Budget:
    """The syncs of one account within 15 minutes."""

    def __init__(self) -> None:
        """Start with nothing spent."""
        self._spent: dict[str, deque[float]] = {"full": deque(), "partial": deque()}

    def spend(self, kind: str, settings: Settings) -> None:
        """Count one.

        Raises:
            Rejected: it is one too many.
        """
        limit = settings.full_limit if kind == "full" else settings.partial_limit
        spent, now = self._spent[kind], time.monotonic()
        while spent and spent[0] <= now - _WINDOW_S:
            spent.popleft()
        if len(spent) >= limit:
            raise too_many(max(1, int((spent[0] if spent else now) + _WINDOW_S - now)))
        spent.append(now)


def answer(call: Call, budget: Budget) -> dict[str, Any]:
    """Return what a sync answers.

    Raises:
        Rejected: it cannot be read, or is one too many.
    """
    fields = {**call.came.fields}
    kinds = _kinds(_json(fields, "resource_types", []))
    token = str(fields.get("sync_token") or _FULL)
    since = _since(call.account, token)
    is_full = bool(kinds) and since is None
    budget.spend("full" if is_full else "partial", call.settings)
    batch = Batch(call.account)
    if "commands" in fields:
        batch.run(_json(fields, "commands", []))
    shown = {kind: _shown(call, kind, since) for kind in kinds}
    answered: dict[str, Any] = {"sync_token": _token(call.account), "full_sync": is_full, **shown}
    if "commands" in fields:
        answered |= {"sync_status": batch.status, "temp_id_mapping": batch.mapping}
    return {**answered, "full_sync_date_utc": call.account.now} if is_full else answered


def _json(fields: Mapping[str, Any], name: str, default: Any) -> Any:  # JSON
    """Return a value that a form carries as JSON, and a JSON body as it is."""
    value = fields.get(name, default)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        raise invalid(name, "not JSON") from None


def _kinds(given: Any) -> list[str]:  # JSON
    if not isinstance(given, list) or any(not isinstance(name, str) for name in given):
        raise invalid("resource_types", "a list of names")
    if unknown := [name for name in given if name.removeprefix("-") not in {*_KINDS, "all"}]:
        raise invalid("resource_types", f"{unknown[0]} is unknown")
    wanted = _KINDS if "all" in given else given
    return [name for name in dict.fromkeys(wanted) if not name.startswith("-") and f"-{name}" not in given]


def _since(account: Account, token: str) -> int | None:
    """Return the version that a token stands for; None asks for everything, as a token of another life does."""
    if token == _FULL:
        return None
    try:
        epoch, version = json.loads(base64.urlsafe_b64decode(token))
        return int(version) if epoch == account.epoch else None
    except (ValueError, TypeError):
        raise invalid("sync_token", "not a sync token") from None


def _token(account: Account) -> str:
    return base64.urlsafe_b64encode(json.dumps([account.epoch, account.versions.last]).encode()).decode()


def _shown(call: Call, kind: str, since: int | None) -> Any:  # JSON
    if kind == "user":
        return call.account.user(call.came.bearer)
    if kind in _LISTS:
        return []
    table: Table = getattr(call.account, kind)
    found = _whole(call.account, kind, table) if since is None else table.since(since)
    return [call.shown(row) for row in found] if kind == "items" else found


def _whole(account: Account, kind: str, table: Table) -> list[Row]:
    """Return what a full sync shows: nothing that is completed, deleted or archived."""
    if kind == "items":
        return [row for row in table if account.is_active(row)]
    return [row for row in table if not row["is_deleted"] and not row.get("is_archived")]
