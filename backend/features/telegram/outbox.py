"""The queries about messages that go out: kept before they are sent, so that none is lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Float, Interval, bindparam, cast, delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import TelegramMessage
from backend.db.unit_of_work import Connection

_PENDING = ("queued", "sending")
_ERROR_MAX = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """Messages that belong together.

    Attributes:
        key: What they answer; the same again adds nothing.
        twin_id: Whose they are; None for a stranger's.
        chat_id: Where they go.
        parts: Their texts, in order.
    """

    key: str
    twin_id: UUID | None
    chat_id: int
    parts: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """The next message of a chat.

    Attributes:
        id: The message.
        chat_id: Where it goes.
        text: What it says.
        state: queued; or sending when an attempt to send it came to no known end.
        attempts: How often it was begun to be sent.
        age_s: Seconds since it was written.
        hold_s: Seconds that Telegram has asked to wait; zero or less when it may go.
        since_last_s: Seconds since the last one was sent to the chat; None when that is long ago.
    """

    id: UUID
    chat_id: int
    text: str
    state: str
    attempts: int
    age_s: float
    hold_s: float
    since_last_s: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A message that did not go out.

    Attributes:
        at: When it was written.
        detail: Why.
    """

    at: datetime
    detail: str


def _seconds(interval: ColumnElement[Any]) -> ColumnElement[float]:
    return cast(func.extract("epoch", interval), Float)


async def put(connection: Connection, reply: Reply) -> None:
    """Keep messages to send.

    Args:
        connection: The transaction that ends what they answer.
        reply: The messages; at least one.
    """
    rows = [
        {"key": reply.key, "part": part, "twin_id": reply.twin_id, "chat_id": reply.chat_id, "text": text}
        for part, text in enumerate(reply.parts)
    ]
    await connection.execute(insert(TelegramMessage).on_conflict_do_nothing(), rows)


async def first_of_chat(connection: Connection, chat_id: int) -> Outgoing | None:
    """Return the message of a chat that is to be sent next, None when there is none.

    Args:
        connection: An open connection.
        chat_id: The chat.
    """
    last = (
        select(func.max(TelegramMessage.sent_at))
        .where(TelegramMessage.chat_id == chat_id, TelegramMessage.created_at > func.now() - timedelta(days=1))
        .scalar_subquery()
    )
    now = func.clock_timestamp()
    statement = (
        select(
            TelegramMessage.id,
            TelegramMessage.chat_id,
            TelegramMessage.text,
            TelegramMessage.state,
            TelegramMessage.attempts,
            _seconds(now - TelegramMessage.created_at).label("age_s"),
            func.coalesce(_seconds(TelegramMessage.send_after - now), literal(0.0)).label("hold_s"),
            _seconds(now - last).label("since_last_s"),
        )
        .where(TelegramMessage.chat_id == chat_id, TelegramMessage.state.in_(_PENDING))
        .order_by(TelegramMessage.created_at, TelegramMessage.key, TelegramMessage.part)
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else Outgoing(**row)


async def begin(connection: Connection, message_id: UUID) -> bool:
    """Note that a message is about to be sent, and return whether it still is to be.

    Args:
        connection: A connection on which each statement commits: it must be known before anything goes out.
        message_id: The message.
    """
    statement = (
        update(TelegramMessage)
        .where(TelegramMessage.id == message_id, TelegramMessage.state.in_(_PENDING))
        .values(state="sending", attempts=TelegramMessage.attempts + 1, send_after=None)
    )
    return (await connection.execute(statement)).rowcount == 1


async def mark_sent(connection: Connection, message_id: UUID, *, telegram_message_id: int) -> None:
    """Note that a message was sent.

    Args:
        connection: A connection on which each statement commits.
        message_id: The message.
        telegram_message_id: Its number in the chat.
    """
    values = {"state": "sent", "error": None, "telegram_message_id": telegram_message_id}
    await connection.execute(
        update(TelegramMessage).where(TelegramMessage.id == message_id).values(sent_at=func.clock_timestamp(), **values)
    )


async def hold(connection: Connection, message_id: UUID, *, error: str, delay: timedelta) -> None:
    """Note that a message surely did not go out and is to be sent later.

    Args:
        connection: A connection on which each statement commits.
        message_id: The message.
        error: Why.
        delay: Not before this has passed; everything behind it in its chat waits too.
    """
    send_after = func.clock_timestamp() + bindparam("delay", type_=Interval())
    statement = update(TelegramMessage).where(TelegramMessage.id == message_id)
    values = {"state": "queued", "error": error[:_ERROR_MAX]}
    await connection.execute(statement.values(send_after=send_after, **values), {"delay": delay})


async def doubt(connection: Connection, message_id: UUID, *, error: str) -> None:
    """Note why nobody knows whether a message went out; its state stays.

    Args:
        connection: A connection on which each statement commits.
        message_id: The message.
        error: Why.
    """
    statement = update(TelegramMessage).where(TelegramMessage.id == message_id)
    await connection.execute(statement.values(error=error[:_ERROR_MAX]))


async def give_up(connection: Connection, message_id: UUID, *, state: str, error: str) -> None:
    """Note that a message is not sent any more.

    Args:
        connection: A connection on which each statement commits.
        message_id: The message.
        state: failed, or unknown when it may have gone out.
        error: Why.
    """
    statement = update(TelegramMessage).where(TelegramMessage.id == message_id)
    await connection.execute(statement.values(state=state, error=error[:_ERROR_MAX]))


async def drop_chat(connection: Connection, chat_id: int, *, error: str) -> None:
    """Send nothing of what waits for a chat.

    Args:
        connection: The caller's transaction.
        chat_id: The chat.
        error: Why.
    """
    statement = update(TelegramMessage).where(TelegramMessage.chat_id == chat_id, TelegramMessage.state.in_(_PENDING))
    await connection.execute(statement.values(state="failed", error=error))


async def count_to_stranger(connection: Connection, chat_id: int, *, within: timedelta) -> int:
    """Return how many messages a chat that belonged to nobody was sent lately.

    Args:
        connection: An open connection.
        chat_id: The chat.
        within: How lately.
    """
    statement = select(func.count()).where(
        TelegramMessage.chat_id == chat_id,
        TelegramMessage.twin_id.is_(None),
        TelegramMessage.created_at > func.now() - within,
    )
    return (await connection.execute(statement)).scalar_one()


async def count_pending(connection: Connection, twin_id: UUID, *, chat_id: int) -> int:
    """Return how many messages of a twin wait to be sent.

    Args:
        connection: An open connection.
        twin_id: The twin.
        chat_id: Its chat.
    """
    statement = select(func.count()).where(
        TelegramMessage.chat_id == chat_id,
        TelegramMessage.state.in_(_PENDING),
        TelegramMessage.twin_id == twin_id,
    )
    return (await connection.execute(statement)).scalar_one()


async def last_failure(connection: Connection, twin_id: UUID, *, chat_id: int) -> Failure | None:
    """Return a twin's last message that met an error, None when none did.

    Args:
        connection: An open connection.
        twin_id: The twin.
        chat_id: Its chat.
    """
    statement = (
        select(TelegramMessage.created_at.label("at"), TelegramMessage.error.label("detail"))
        .where(
            TelegramMessage.chat_id == chat_id,
            TelegramMessage.twin_id == twin_id,
            TelegramMessage.error.is_not(None),
        )
        .order_by(TelegramMessage.created_at.desc(), TelegramMessage.part.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else Failure(**row)


async def purge(connection: Connection, *, after: timedelta) -> int:
    """Delete old messages, and return how many.

    Args:
        connection: A transaction.
        after: How long they are kept.
    """
    statement = delete(TelegramMessage).where(
        TelegramMessage.created_at < func.now() - bindparam("after", type_=Interval())
    )
    return (await connection.execute(statement, {"after": after})).rowcount
