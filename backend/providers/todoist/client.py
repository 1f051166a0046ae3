"""Todoist's API v1 over HTTP; every write is a command with a uuid, so that sending it twice is harmless."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr, ValidationError

from backend.providers.http import Answer, HttpClient, NoAnswerError
from backend.providers.todoist.errors import TodoistForbiddenError, TodoistRequestError, TodoistUnavailableError
from backend.providers.todoist.parsing import delay_of, document, records, sync_answer, unreadable
from backend.providers.todoist.protocol import RESOURCES
from backend.providers.todoist.records import Account, Command, Completed, Item, SyncAnswer, Window

# The server ends a request after 15 s; the vendor's own client waits for 60.
_READ_TIMEOUT_S = 60.0
_WHOLE_TIMEOUT_S = 120.0
_MOST_BYTES = 128 * 1024 * 1024
_PAGE = 200
_OK = 200
_NOT_FOUND = 404
_TOO_MANY = 429
_FORBIDDEN = (401, 403)
_SERVER_ERRORS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class TodoistAccess:
    """The way to one account.

    Attributes:
        base_url: Where Todoist is, without a slash at its end.
        token: Opens the account.
        owner_email: Whose tasks it holds.
    """

    base_url: str
    token: SecretStr
    owner_email: str


@asynccontextmanager
async def opened(access: TodoistAccess) -> AsyncIterator["TodoistClient"]:
    """Give a client whose connections are closed at the end.

    Args:
        access: The way to the account.
    """
    headers = {"Authorization": f"Bearer {access.token.get_secret_value()}"}
    http = HttpClient(access.base_url, headers=headers, most_bytes=_MOST_BYTES)
    try:
        yield TodoistClient(http)
    finally:
        await http.close()


class TodoistClient:
    """One account, over HTTP."""

    def __init__(self, http: HttpClient) -> None:
        """Keep the connection.

        Args:
            http: To Todoist, with the token.
        """
        self._http = http

    async def sync(
        self, token: str | None, *, resource_types: Sequence[str] = RESOURCES, commands: Sequence[Command] = ()
    ) -> SyncAnswer:
        """Do commands in their order, then say what has changed since a token.

        Args:
            token: Of the answer before, or `*` for everything; None asks for nothing.
            resource_types: What to tell of.
            commands: Not more than 100.

        Raises:
            TodoistError: There is no usable answer; commands may have been done nevertheless.
        """
        form: dict[str, str] = {}
        if token is not None:
            form |= {"sync_token": token, "resource_types": json.dumps(list(resource_types))}
        if commands:
            form["commands"] = json.dumps([_as_json(each) for each in commands])
        answer = await self._ask("POST", "/sync", data=form)
        return sync_answer(_expected(answer, "POST /sync"), is_read=token is not None)

    async def get_task(self, remote_id: str) -> Item | None:
        """Return a task, also a completed or a deleted one; None when there is none.

        Args:
            remote_id: Its id.

        Raises:
            TodoistError: There is no usable answer.
        """
        what = "GET /tasks/{id}"
        answer = await self._ask("GET", f"/tasks/{remote_id}")
        if answer.status == _NOT_FOUND:
            return None
        try:
            item = Item.model_validate(document(_expected(answer, what), what=what))
        except (ValidationError, RecursionError):
            raise unreadable(what) from None
        if item.id != remote_id:
            raise unreadable(what)
        return item

    async def completed_since(self, window: Window, *, most: int) -> Completed:
        """Return tasks that were completed in some time; pages may repeat some.

        Args:
            window: When.
            most: How many at most.

        Raises:
            TodoistError: There is no usable answer.
        """
        what = "GET /tasks/completed/by_completion_date"
        found, cursor = dict[str, Item](), ""
        while len(found) < most:
            times = {"since": window.since.isoformat(), "until": window.until.isoformat()}
            params = {**times, "limit": str(_PAGE), **({"cursor": cursor} if cursor else {})}
            answer = await self._ask("GET", "/tasks/completed/by_completion_date", params=params)
            body = document(_expected(answer, what), what=what)
            if not isinstance(body.get("items"), list):
                raise unreadable(what)
            page, _, _ = records(Item, body["items"])
            before = len(found)
            found |= {each.id: each for each in page}
            cursor = body.get("next_cursor") or ""
            # A page that brings nothing new would be asked for again and again.
            if not isinstance(cursor, str) or not cursor or len(found) == before:
                return Completed(items=tuple(found.values()), is_cut=False)
        return Completed(items=tuple(found.values()), is_cut=True)

    async def user(self) -> Account:
        """Return who the token belongs to.

        Raises:
            TodoistError: There is no usable answer.
        """
        answer = await self._ask("GET", "/user")
        try:
            return Account.model_validate(document(_expected(answer, "GET /user"), what="GET /user"))
        except ValidationError:
            raise unreadable("GET /user") from None

    async def _ask(self, method: str, path: str, **options: Any) -> Answer:
        try:
            async with asyncio.timeout(_WHOLE_TIMEOUT_S):
                return await self._http.request(method, path, timeout_s=_READ_TIMEOUT_S, **options)
        except (NoAnswerError, TimeoutError) as error:
            reason = error.reason if isinstance(error, NoAnswerError) else "timeout"
            msg = f"Todoist did not answer ({reason}). It is asked again; TODOIST_BASE_URL says where it is."
            raise TodoistUnavailableError(msg) from error


def _as_json(command: Command) -> dict[str, Any]:
    made = {"temp_id": command.temp_id} if command.temp_id else {}
    return {"type": command.type, "uuid": command.uuid, **made, "args": dict(command.args)}


def _expected(answer: Answer, what: str) -> bytes:
    """Return the body of an answer that says that all is well."""
    if answer.status == _OK:
        return answer.content
    if answer.status in _FORBIDDEN:
        msg = (
            f"Todoist refused the token ({answer.status}). Nothing is synced until TODOIST_API_TOKEN holds a valid one:"
            " Todoist, Settings, Integrations, Developer."
        )
        raise TodoistForbiddenError(msg)
    delay = delay_of(answer)
    if answer.status == _TOO_MANY or answer.status >= _SERVER_ERRORS or delay:
        msg = f"Todoist answered {what} with {answer.status}. It is asked again."
        raise TodoistUnavailableError(msg, delay=delay)
    msg = f"Todoist answered {what} with {answer.status}, which means that it does not know this request."
    raise TodoistRequestError(f"{msg} Is TODOIST_BASE_URL right?", answered=answer.status)
