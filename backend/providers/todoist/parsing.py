"""Answers of Todoist into records; what is not as it must be is not used."""

import json
from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from backend.core import clock
from backend.providers.http import Answer
from backend.providers.todoist.errors import TodoistUnreadableError
from backend.providers.todoist.records import Account, Item, Refusal, RemoteProject, SyncAnswer, is_remote_id

_SERVER_ERRORS = 500
_TOO_MANY = 429
_LONGEST = timedelta(minutes=30)
_SHOWN = 300
_TOKEN_MAX = 10_000
# What older versions answered to a command that had been done before.
_DONE_BEFORE = "already processed"
_READ = frozenset(
    (*Item.model_fields, *RemoteProject.model_fields, *Account.model_fields, "inbox_project", "is_inbox_project")
)
RecordT = TypeVar("RecordT", bound=BaseModel)


def document(content: bytes, *, what: str) -> dict[str, Any]:
    """Return a JSON object.

    Args:
        content: A body.
        what: What it answers, for the error.

    Raises:
        TodoistUnreadableError: It is none.
    """
    try:
        value = json.loads(content.decode(), parse_constant=_refuse, object_hook=_slim)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise unreadable(what)
    return value


def _slim(value: dict[str, Any]) -> dict[str, Any]:
    # An account of ten thousand tasks comes in one answer; most of it is of no use to us.
    return {name: each for name, each in value.items() if name in _READ} if "id" in value else value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def unreadable(what: str) -> TodoistUnreadableError:
    """Return the error for an answer that cannot be used.

    Args:
        what: What it answers.
    """
    return TodoistUnreadableError(f"Todoist's answer to {what} has not the promised form; none of it is used.")


def sync_answer(content: bytes, *, is_read: bool) -> SyncAnswer:
    """Return what a sync answered.

    Args:
        content: The body.
        is_read: Whether changes were asked for, so that they must be there.

    Raises:
        TodoistUnreadableError: Its frame is not as it must be.
    """
    body = document(content, what="POST /sync")
    token, is_full = body.get("sync_token"), body.get("full_sync", False)
    lists = [body.get(name, []) for name in ("items", "projects")]
    maps = [body.get(name) or {} for name in ("sync_status", "temp_id_mapping")]
    is_sound = all(isinstance(each, list) for each in lists) and all(isinstance(each, dict) for each in maps)
    if not is_sound or not isinstance(is_full, bool) or (is_read and not _is_token(token)):
        raise unreadable("POST /sync")
    items, bad_items, ids = records(Item, lists[0])
    projects, bad_projects, _ = records(RemoteProject, lists[1])
    statuses, mapping = maps
    return SyncAnswer(
        sync_token=token if is_read else None,
        is_full=is_full,
        items=items,
        projects=projects,
        done=_ends(statuses),
        ids={str(key): value for key, value in mapping.items() if isinstance(value, str) and is_remote_id(value)},
        malformed=bad_items + bad_projects,
        unreadable_ids=ids,
    )


def _is_token(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _TOKEN_MAX and value.isascii() and value.isprintable()


def records(kind: type[RecordT], values: list[Any]) -> tuple[tuple[RecordT, ...], int, frozenset[str]]:
    """Return what is a record, how many are none, and those ids of them that can be read.

    Args:
        kind: The record's class.
        values: As they came; empty afterwards.
    """
    found, bad, ids = list[RecordT](), 0, set[str]()
    # Each is let go as it is read, so that an account is not held twice.
    values.reverse()
    while values:
        value = values.pop()
        try:
            found.append(kind.model_validate(value))
        except (ValidationError, RecursionError):
            bad += 1
            if isinstance(value, dict) and isinstance(value.get("id"), str):
                ids.add(value["id"])
    return tuple(found), bad, frozenset(ids)


def _ends(statuses: Mapping[str, Any]) -> dict[str, Refusal | None]:
    """Return the commands that came to an end; a word that means nothing to us is none."""
    known = {uuid: status for uuid, status in statuses.items() if status == "ok" or isinstance(status, dict)}
    return {uuid: None if status == "ok" else _refusal(status) for uuid, status in known.items()}


def _refusal(status: Mapping[str, Any]) -> Refusal | None:
    text = str(status.get("error") or status.get("error_tag") or "refused without a reason")[:_SHOWN]
    if _DONE_BEFORE in text.lower():
        return None
    code = status.get("http_code")
    code = code if isinstance(code, int) and not isinstance(code, bool) else None
    is_passing = _extra_delay(status) is not None or (code or 0) == _TOO_MANY or (code or 0) >= _SERVER_ERRORS
    return Refusal(
        text=text.replace("\x00", "").encode(errors="replace").decode(), http_code=code, is_passing=is_passing
    )


def delay_of(answer: Answer) -> timedelta:
    """Return how long an answer asks to wait: by its header, else by its body, else not at all.

    Args:
        answer: Any answer.
    """
    wanted = _header_delay(answer.headers.get("retry-after"))
    if wanted is None:
        try:
            wanted = _extra_delay(json.loads(answer.content.decode()))
        except (ValueError, RecursionError):
            wanted = None
    return min(_LONGEST, max(timedelta(), wanted or timedelta()))


def _header_delay(value: str | None) -> timedelta | None:
    if value is None:
        return None
    if value.strip().isdecimal():
        return min(_LONGEST, timedelta(seconds=min(int(value[:9]), _LONGEST.total_seconds())))
    try:
        return parsedate_to_datetime(value) - clock.now()
    except (ValueError, TypeError, OverflowError):
        return None


def _extra_delay(body: object) -> timedelta | None:
    extra = body.get("error_extra") if isinstance(body, dict) else None
    seconds = extra.get("retry_after") if isinstance(extra, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return timedelta(seconds=min(max(seconds, 0), _LONGEST.total_seconds()))
