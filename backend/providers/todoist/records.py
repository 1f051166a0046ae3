"""What is sent to Todoist, and what comes back.

What comes back is untrusted. An answer whose frame is not as it must be is not used at all; one task or project that is
not as it must be is left out, counted, and its id kept where it can be read, so that it is not taken for missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

FULL = "*"


def _storable(value: object) -> object:
    # Postgres holds neither U+0000 nor half a surrogate pair in a text.
    if not isinstance(value, str):
        return value
    if not value.isascii():
        value.encode()
    return value.replace("\x00", "")


# Todoist's own limits are 500, 16,383 and less; what is far beyond them is no text of a task.
Line = Annotated[str, BeforeValidator(_storable), Field(max_length=2_000)]
Prose = Annotated[str, BeforeValidator(_storable), Field(max_length=100_000)]
Word = Annotated[str, BeforeValidator(_storable), Field(max_length=200)]
_REMOTE_ID = r"[A-Za-z0-9_-]{1,200}"
RemoteId = Annotated[str, Field(pattern=f"^{_REMOTE_ID}$")]


def is_remote_id(text: str) -> bool:
    """Return whether a text can be an id of Todoist; it becomes part of addresses.

    Args:
        text: What came.
    """
    return re.fullmatch(_REMOTE_ID, text) is not None


class _Record(BaseModel):
    """A part of an answer: unknown keys are ignored, known ones have their type."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class Due(_Record):
    """When a task is due.

    Attributes:
        date: A day, a moment without a zone (in the account's), or a moment that ends in Z.
        timezone: The zone of a fixed moment.
        string: What was typed; where it recurs, the only place that says how.
    """

    date: Annotated[str, Field(min_length=10, max_length=40)]
    timezone: Word | None = None
    string: Line | None = None
    lang: Word | None = None
    is_recurring: bool | None = None


class Item(_Record):
    """A task over there; a field that was not sent is not in `model_fields_set`, and means nothing."""

    id: RemoteId
    project_id: RemoteId | None = None
    content: Line | None = None
    description: Prose | None = None
    priority: Annotated[int, Field(ge=1, le=4)] | None = None
    due: Due | None = None
    labels: Annotated[list[Word], Field(max_length=500)] | None = None
    checked: bool | None = None
    is_deleted: bool | None = None
    added_at: Word | None = None
    completed_at: Word | None = None


class RemoteProject(_Record):
    """A project over there."""

    id: RemoteId
    name: Word | None = None
    is_deleted: bool | None = None
    is_archived: bool | None = None
    is_inbox: Annotated[
        bool | None, Field(validation_alias=AliasChoices("inbox_project", "is_inbox_project"), default=None)
    ]

    @property
    def is_gone(self) -> bool:
        """Return whether its tasks are no longer listed."""
        return bool(self.is_deleted or self.is_archived)


class Account(_Record):
    """Who the token belongs to; the record that it comes in holds a token too, which is not read."""

    id: RemoteId | None = None
    timezone: Word | None = None
    inbox_project_id: RemoteId | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """A command, as it is sent.

    Attributes:
        type: item_add, item_update …
        uuid: What makes sending it twice harmless.
        temp_id: What it calls what it makes; None when it makes nothing.
    """

    type: str
    uuid: str
    args: Mapping[str, Any]
    temp_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Why one command was not done.

    Attributes:
        text: For people; what Todoist said.
        http_code: As for a request of its own; None when it did not say.
        is_passing: Whether the same command may be done later.
    """

    text: str
    http_code: int | None
    is_passing: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncAnswer:
    """What a sync answered.

    Attributes:
        sync_token: Where the next delta begins; None when nothing was asked for.
        is_full: Whether this is everything rather than a delta.
        items: Tasks.
        projects: Projects.
        done: By uuid, the end of each command that came to one: None, or why it was refused.
        ids: By temporary id, the real one.
        malformed: How many tasks and projects were left out.
        unreadable_ids: Those of them whose id could be read.
    """

    sync_token: str | None
    is_full: bool
    items: tuple[Item, ...] = ()
    projects: tuple[RemoteProject, ...] = ()
    done: Mapping[str, Refusal | None] = field(default_factory=lambda: MappingProxyType({}))
    ids: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    malformed: int = 0
    unreadable_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """Tasks that were completed in some time.

    Attributes:
        items: Tasks, without repetition.
        is_cut: Whether there are more than were read.
    """

    items: tuple[Item, ...]
    is_cut: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A time to look for completed tasks in; both ends aware, not more than three months apart."""

    since: datetime
    until: datetime
