"""How messages are sent: a chat's in order and not too fast, none lost, and in doubt rather twice than never.

A message is marked before it is sent. One that is found marked may have gone out: its sender was killed, or got no
answer, and Telegram has no key that would tell. A reply is then sent again, since whoever asked waits for it; after
the third attempt it is left, its state unknown, so that nobody is written to without end.
"""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta

from backend.core.clock import monotonic_s
from backend.core.logging import get_logger
from backend.db.unit_of_work import Connection, Database
from backend.features.telegram import outbox, repository
from backend.features.telegram.outbox import Outgoing
from backend.jobs.records import RetryJobError
from backend.providers.telegram.door import Telegram
from backend.providers.telegram.errors import (
    BadRequestError,
    BlockedError,
    FloodError,
    OutcomeUnknownError,
    TelegramError,
    TokenRefusedError,
    TransientError,
)

# Telegram's advice for one chat.
PACE_S = 1.0
ATTEMPTS_MAX = 8
DOUBTED_MAX = 3
_TOO_OLD_S = 86_400.0
# A job ends well before its time, so that it is not stopped within a call.
_BUDGET_S = 60.0
_AT_ONCE = timedelta()
_BUSY_WAIT = timedelta(seconds=1)
_TOKEN_WAIT = timedelta(minutes=1)
_logger = get_logger(__name__)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """What sending takes.

    Attributes:
        database: For states that must be committed before and after each call.
        telegram: The bot.
        pace_s: Seconds between two messages to one chat.
    """

    database: Database
    telegram: Telegram
    pace_s: float = PACE_S


async def work_off(sender: Sender, connection: Connection, *, chat_id: int) -> None:
    """Send what waits for a chat.

    Args:
        sender: What it takes.
        connection: The job's transaction; it holds the chat until it ends.
        chat_id: The chat.

    Raises:
        RetryJobError: Another worker has the chat, or Telegram is to be left alone for a while.
    """
    if not await repository.try_lock(connection, f"send:{chat_id}"):
        msg = "another worker sends to the chat"
        raise RetryJobError(msg, delay=_BUSY_WAIT)
    began_s = monotonic_s()
    while (message := await _first(sender, chat_id)) is not None:
        if monotonic_s() - began_s > _BUDGET_S:
            msg = "there is more to send"
            raise RetryJobError(msg, delay=_AT_ONCE)
        await _wait_for_turn(sender, message)
        await _whole(_deliver(sender, message))


async def _first(sender: Sender, chat_id: int) -> Outgoing | None:
    async with sender.database.statement() as own:
        return await outbox.first_of_chat(own, chat_id)


async def _wait_for_turn(sender: Sender, message: Outgoing) -> None:
    if message.hold_s > 0:
        msg = "Telegram has asked to wait"
        raise RetryJobError(msg, delay=timedelta(seconds=message.hold_s))
    if message.since_last_s is not None and message.since_last_s < sender.pace_s:
        await asyncio.sleep(sender.pace_s - message.since_last_s)


async def _whole(delivering: Coroutine[None, None, None]) -> None:
    # A stop waits for the answer: cut through, a message that has gone out would be sent again.
    task = asyncio.ensure_future(delivering)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def _deliver(sender: Sender, message: Outgoing) -> None:
    if (end := _end_of(message)) is not None:
        await _give_up(sender, message, state=end, error="too old" if end == "failed" else "may have been sent")
        return
    async with sender.database.statement() as own:
        if not await outbox.begin(own, message.id):
            return
    try:
        number = await sender.telegram.bot.send_message(message.chat_id, message.text)
    except TelegramError as error:
        sender.telegram.counts.sends.labels(_outcome(error)).inc()
        _logger.warning("telegram.send_failed", message_id=str(message.id), outcome=_outcome(error))
        await _take_note(sender, message, error)
        return
    sender.telegram.counts.sends.labels("sent").inc()
    async with sender.database.statement() as own:
        await outbox.mark_sent(own, message.id, telegram_message_id=number)


def _end_of(message: Outgoing) -> str | None:
    if message.state == "sending" and message.attempts >= DOUBTED_MAX:
        return "unknown"
    return "failed" if message.age_s > _TOO_OLD_S else None


async def _take_note(sender: Sender, message: Outgoing, error: TelegramError) -> None:
    match error:
        case FloodError():
            await _hold(sender, message, error, delay=timedelta(seconds=error.retry_after_s))
        case TokenRefusedError():
            await _hold(sender, message, error, delay=_TOKEN_WAIT)
        case TransientError() if message.attempts + 1 < ATTEMPTS_MAX:
            await _hold(sender, message, error, delay=_AT_ONCE)
        case OutcomeUnknownError():
            await _doubt(sender, message, error)
        case BlockedError():
            await _block(sender, message, error)
        case _:
            await _give_up(sender, message, state="failed", error=error.reason)


async def _hold(sender: Sender, message: Outgoing, error: TelegramError, *, delay: timedelta) -> None:
    async with sender.database.statement() as own:
        await outbox.hold(own, message.id, error=error.reason, delay=delay)
    msg = f"not sent: {error.reason}"
    raise RetryJobError(msg, delay=delay)


async def _doubt(sender: Sender, message: Outgoing, error: TelegramError) -> None:
    async with sender.database.statement() as own:
        await outbox.doubt(own, message.id, error=error.reason)
    msg = f"may have been sent: {error.reason}"
    raise RetryJobError(msg, delay=_AT_ONCE)


async def _block(sender: Sender, message: Outgoing, error: TelegramError) -> None:
    async with sender.database.unit_of_work() as own:
        await repository.block(own, message.chat_id)
        await outbox.drop_chat(own, message.chat_id, error=error.reason)


async def _give_up(sender: Sender, message: Outgoing, *, state: str, error: str) -> None:
    async with sender.database.statement() as own:
        await outbox.give_up(own, message.id, state=state, error=error)


def _outcome(error: TelegramError) -> str:
    names: dict[type[TelegramError], str] = {
        FloodError: "flood",
        TokenRefusedError: "token_refused",
        TransientError: "transient",
        OutcomeUnknownError: "unknown",
        BlockedError: "blocked",
        BadRequestError: "refused",
    }
    return names[type(error)]
