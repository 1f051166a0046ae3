"""One call of an endpoint: who asks, and what."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gonogo.local.providers.todoist.account import Account
from gonogo.local.providers.todoist.rejections import Rejected, invalid, missing
from gonogo.local.providers.todoist.tables import Row
from gonogo.local.providers.wire import Came

_DEFAULT_LIMIT, _LIMIT_MAX = 50, 200


@dataclass(slots=True)
class Settings:
    """How the stand-in behaves where Todoist differs by time or account; set over its own endpoints.

    Attributes:
        deleted_are_gone: `GET /tasks/{id}` of a deleted task is 404 instead of 200 with `is_deleted`.
        repeat_rows: each page after the first begins with the last row of the one before.
        partial_limit: delta syncs in 15 minutes.
        full_limit: full syncs in 15 minutes.
        null_updated_at: tasks carry no `updated_at`.
    """

    deleted_are_gone: bool = False
    repeat_rows: bool = False
    partial_limit: int = 1000
    full_limit: int = 100
    null_updated_at: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call.

    Attributes:
        named: the parts of the path that name something.
    """

    account: Account
    settings: Settings
    came: Came
    named: Mapping[str, str]

    @property
    def id(self) -> str:
        """Return the id in the path."""
        return self.named["id"]

    def needed(self, name: str) -> str:
        """Return a value of the query.

        Raises:
            Rejected: it is not there.
        """
        if not self.came.query.get(name):
            raise missing(name)
        return self.came.query[name]

    def shown(self, row: Row) -> Row:
        """Return a row as it goes over the wire."""
        return {**row, "updated_at": None} if self.settings.null_updated_at else row

    def page(self, rows: Sequence[Row], *, under: str = "results", most: int = _LIMIT_MAX) -> dict[str, Any]:
        """Return a page of rows, and where the next one begins.

        Raises:
            Rejected: the limit or the cursor is wrong.
        """
        limit, start = self._limit(most), self._start()
        end = start + limit
        repeated = 1 if self.settings.repeat_rows and start else 0
        cursor = self._cursor(end) if end < len(rows) else None
        return {under: [self.shown(row) for row in rows[start - repeated : end]], "next_cursor": cursor}

    def _limit(self, most: int) -> int:
        text = self.came.query.get("limit", str(min(_DEFAULT_LIMIT, most)))
        limit = int(text) if text.isdecimal() else 0
        if not 1 <= limit <= most:
            raise invalid("limit", f"from 1 to {most}")
        return limit

    def _start(self) -> int:
        cursor = self.came.query.get("cursor")
        if not cursor:
            return 0
        wrong: Rejected = invalid("cursor", "not a cursor of this list")
        try:
            start, bound = json.loads(base64.urlsafe_b64decode(cursor))
        except (ValueError, TypeError):
            raise wrong from None
        if bound != self._bound():
            raise wrong
        return int(start)

    def _cursor(self, start: int) -> str:
        return base64.urlsafe_b64encode(json.dumps([start, self._bound()]).encode()).decode()

    def _bound(self) -> str:
        """Return what a cursor is tied to: the account, the path and the parameters."""
        query = sorted((name, value) for name, value in self.came.query.items() if name not in {"cursor", "limit"})
        told = json.dumps([self.account.epoch, self.came.path, query])
        return hashlib.sha256(told.encode()).hexdigest()[:16]
