"""Cursors: where the next page of rows begins that are listed newest first."""

import base64
from datetime import UTC, datetime
from typing import Protocol, TypeVar
from uuid import UUID

from backend.core.errors import InvalidCursorError

CURSOR_MAX = 200
# The moment and the id of the last row of the page before: a place among the rows that no new row can shift.
Place = tuple[datetime, UUID]


class Listed(Protocol):
    """A row that is listed."""

    @property
    def id(self) -> UUID:
        """Return its id."""

    @property
    def created_at(self) -> datetime:
        """Return its moment."""


Row = TypeVar("Row", bound=Listed)


def cursor_after(row: Listed) -> str:
    """Return the cursor of the page that begins after a row.

    Args:
        row: The last one of its page.
    """
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()} {row.id}".encode()).decode()


def split(found: list[Row], limit: int) -> tuple[list[Row], str | None]:
    """Return the rows of a page, and the cursor of the next one; None when there is none.

    Args:
        found: One row more than the page has, where there are more.
        limit: How many the page has at most.
    """
    rows = found[:limit]
    return rows, cursor_after(rows[-1]) if len(found) > limit else None


def place_of(cursor: str | None) -> Place | None:
    """Return the place that a cursor names; None, for the first page, when there is none.

    Args:
        cursor: As somebody has sent it.

    Raises:
        InvalidCursorError: It was not made here.
    """
    if not cursor:
        return None
    try:
        created_at, row_id = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ")
        return datetime.fromisoformat(created_at).astimezone(UTC), UUID(row_id)
    except (ValueError, OverflowError):
        msg = "Send the cursor as the page before gave it, or none."
        raise InvalidCursorError(msg) from None
