"""Rows as the API shows them, and what has changed since when."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]
_LETTERS = "23456789CFGHJMPQRVWXcfghjmpqrvwx"
_ID_LENGTH = 16


class Clock:
    """The time; a test may set it."""

    def __init__(self) -> None:
        """Start as the machine's clock."""
        self._fixed: datetime | None = None

    def set(self, moment: datetime | None) -> None:
        """Stand still at a moment; None goes on with the machine."""
        self._fixed = moment

    def now(self) -> datetime:
        """Return the time, aware UTC."""
        return self._fixed or datetime.now(UTC)


class Versions:
    """Numbers that ascend with every change of an account."""

    def __init__(self) -> None:
        """Start at none."""
        self.last = 0

    def next(self) -> int:
        """Return the next one."""
        self.last += 1
        return self.last


class Table:
    """Rows by id, in the order in which they came, and in that in which they changed."""

    def __init__(self, versions: Versions) -> None:
        """Take the account's numbers; there are no rows."""
        self._versions = versions
        self._rows: dict[str, Row] = {}
        # Ordered by change: a row that changes goes to the end, so that what is new is found from there.
        self._changed: dict[str, int] = {}

    def __iter__(self) -> Iterator[Row]:
        """Return every row, oldest first."""
        return iter(self._rows.values())

    def __len__(self) -> int:
        """Return how many rows there are, tombstones too."""
        return len(self._rows)

    def get(self, row_id: object) -> Row | None:
        """Return a row; None when there is none."""
        return self._rows.get(row_id) if isinstance(row_id, str) else None

    def put(self, row: Row) -> Row:
        """Add a row, or replace the one with its id, and return it."""
        row_id = row["id"]
        self._rows[row_id] = row
        self._changed.pop(row_id, None)
        self._changed[row_id] = self._versions.next()
        return row

    def since(self, version: int) -> list[Row]:
        """Return the rows that changed after a version, the latest change last."""
        found: list[Row] = []
        for row_id, changed in reversed(self._changed.items()):
            if changed <= version:
                break
            found.append(self._rows[row_id])
        return found[::-1]


def new_id() -> str:
    """Return an id: 16 letters and digits that mean nothing."""
    number, letters = uuid.uuid4().int, ""
    for _ in range(_ID_LENGTH):
        number, rest = divmod(number, len(_LETTERS))
        letters += _LETTERS[rest]
    return letters


def second(moment: datetime) -> str:
    """Return a time as rows carry it: the wire has six digits, the value no more than seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
