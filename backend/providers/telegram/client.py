"""Calls to the Bot API. The bot's token is in each address, so that no address may ever be shown."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from backend.providers.http import Answer, HttpClient, NoAnswerError
from backend.providers.telegram.errors import (
    BadRequestError,
    BlockedError,
    FloodError,
    OutcomeUnknownError,
    TelegramError,
    TokenRefusedError,
    TransientError,
)
from backend.providers.telegram.records import BotIdentity, Webhook, WebhookInfo

TIMEOUT_S = 10.0
_ANSWER_MAX_BYTES = 1_000_000
_REASON_MAX = 200
_FLOOD_DEFAULT_S = 5
_DAY_S = 86_400
_SERVER_ERROR = 500
_Count = Annotated[int, Field(ge=0)]


class _Form(BaseModel):
    # New fields come about monthly, and are none of our business.
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


_FormT = TypeVar("_FormT", bound=_Form)


class _Parameters(_Form):
    retry_after: Annotated[int, Field(ge=0, le=_DAY_S)] = _FLOOD_DEFAULT_S


class _Envelope(_Form):
    ok: bool
    result: Any = None
    error_code: int = 0
    description: str = ""
    parameters: _Parameters = _Parameters()


class _Me(_Form):
    id: int
    username: str


class _Message(_Form):
    message_id: int


class _Info(_Form):
    url: str
    pending_update_count: _Count
    allowed_updates: list[str] = []
    last_error_date: Annotated[int, Field(ge=0, le=253_402_300_799)] | None = None
    last_error_message: str = ""


class TelegramBot:
    """One bot, as its owner.

    Attributes:
        id: Its number.
    """

    def __init__(self, token: str, *, base_url: str, timeout_s: float = TIMEOUT_S) -> None:
        """Keep who it is, without connecting.

        Args:
            token: The bot's number, a colon, and the secret.
            base_url: Where the API is.
            timeout_s: How long a whole call may take.
        """
        self.id = int(token.partition(":")[0])
        self._token = token
        self._timeout_s = timeout_s
        self._http = HttpClient(f"{base_url.rstrip('/')}/bot{token}", most_bytes=_ANSWER_MAX_BYTES)
        self._identity: BotIdentity | None = None

    async def identity(self) -> BotIdentity:
        """Return who the bot is; asked once in the life of the process.

        Raises:
            TelegramError: Telegram did not say.
        """
        if self._identity is None:
            self._identity = await self.get_me()
        return self._identity

    async def get_me(self) -> BotIdentity:
        """Ask who the bot is.

        Raises:
            TelegramError: Telegram did not say.
        """
        found = _understood(_Me, await self._call("getMe", {}))
        return BotIdentity(id=found.id, username=found.username)

    async def set_webhook(self, webhook: Webhook) -> None:
        """Set the webhook, all fields of it; the same again is harmless.

        Args:
            webhook: What it shall be.

        Raises:
            TelegramError: It was not set, or nobody knows.
        """
        fields = {
            "url": webhook.url,
            "secret_token": webhook.secret,
            "allowed_updates": list(webhook.allowed_updates),
            "max_connections": webhook.max_connections,
            "drop_pending_updates": webhook.drops_pending,
        }
        await self._call("setWebhook", fields)

    async def get_webhook_info(self) -> WebhookInfo:
        """Ask how the webhook is.

        Raises:
            TelegramError: Telegram did not say.
        """
        info = _understood(_Info, await self._call("getWebhookInfo", {}))
        failed_at = info.last_error_date
        return WebhookInfo(
            url=info.url,
            pending=info.pending_update_count,
            allowed_updates=tuple(info.allowed_updates),
            last_error_at=None if failed_at is None else datetime.fromtimestamp(failed_at, UTC),
            last_error=self._shown(info.last_error_message),
        )

    async def send_message(self, chat_id: int, text: str) -> int:
        """Send a text as it is, without markup, and return the message's number in the chat.

        Args:
            chat_id: The chat.
            text: 1 to 4096 characters.

        Raises:
            TelegramError: Its class says whether it was sent, and whether to try again.
        """
        sent = await self._call("sendMessage", {"chat_id": chat_id, "text": text})
        return _understood(_Message, sent).message_id

    async def close(self) -> None:
        """Close every connection."""
        await self._http.close()

    async def _call(self, method: str, fields: Mapping[str, object]) -> Any:
        # Neither cause nor context is kept: a library may hold the address in either.
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._http.request("POST", f"/{method}", timeout_s=self._timeout_s, json=fields)
        except TimeoutError:
            raise OutcomeUnknownError("timeout") from None
        except NoAnswerError as error:
            kind = OutcomeUnknownError if error.is_sent else TransientError
            raise kind(f"no answer: {error.reason}") from None
        return self._result(answer)

    def _result(self, answer: Answer) -> Any:
        try:
            envelope = _Envelope.model_validate_json(answer.content)
        except ValidationError:
            raise _unreadable(answer.status) from None
        if envelope.ok:
            return envelope.result
        raise _refusal(envelope, status=answer.status, reason=self._shown(envelope.description))

    def _shown(self, text: str) -> str:
        shown = "".join(each if each.isprintable() else " " for each in text.replace(self._token, "[token]"))
        return shown[:_REASON_MAX]


def _unreadable(status: int) -> TelegramError:
    refused = {401: TokenRefusedError, 404: TokenRefusedError, 403: BlockedError}
    if status in refused:
        return refused[status](f"HTTP {status}")
    if status == 429:  # noqa: PLR2004  # Too Many Requests
        return FloodError(f"HTTP {status}", retry_after_s=_FLOOD_DEFAULT_S)
    return OutcomeUnknownError(f"HTTP {status} with an answer that cannot be read")


def _refusal(envelope: _Envelope, *, status: int, reason: str) -> TelegramError:
    code = envelope.error_code or status
    match code:
        case 429:
            return FloodError(reason, retry_after_s=envelope.parameters.retry_after)
        case 403:
            return BlockedError(reason)
        case 401 | 404:
            return TokenRefusedError(reason)
        case 409:
            return TransientError(reason)
        case _ if code >= _SERVER_ERROR:
            return TransientError(reason or f"HTTP {code}")
        case _:
            return BadRequestError(reason or f"HTTP {code}", is_parse="can't parse entities" in reason)


def _understood(form: type[_FormT], result: Any) -> _FormT:
    try:
        return form.model_validate(result)
    except ValidationError:
        raise OutcomeUnknownError("an answer of another form") from None
