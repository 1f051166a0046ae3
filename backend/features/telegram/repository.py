"""The queries about links, their codes, and updates."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, bindparam, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from backend.db.models import TelegramLink, TelegramLinkCode, TelegramUpdate, User
from backend.db.unit_of_work import Connection

# Serialises a chat's updates; the second key is the bot and the chat.
_CHAT_LOCK = 7_283_403


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A person on Telegram who is one of ours.

    Attributes:
        twin_id: Their twin.
        telegram_user_id: Who they are over there.
        chat_id: Where they are written to.
        mode: What a plain message is.
        linked_at: When they were linked.
        blocked_at: When they were found to have blocked the bot; None when they have not.
    """

    twin_id: UUID
    telegram_user_id: int
    chat_id: int
    mode: str
    linked_at: datetime
    blocked_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class NewUpdate:
    """An update to keep.

    Attributes:
        bot_id: Which bot got it.
        update_id: Its number there.
        chat_id: Whose turn it takes; None for nobody's.
        body: What was sent.
    """

    bot_id: int
    update_id: int
    chat_id: int | None
    body: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredUpdate:
    """An update that is kept.

    Attributes:
        bot_id: Which bot got it.
        update_id: Its number there.
        chat_id: Whose turn it takes; None for nobody's.
        body: What was sent.
        received_at: When.
    """

    bot_id: int
    update_id: int
    chat_id: int | None
    body: bytes
    received_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Owner:
    """Whose a code is.

    Attributes:
        user_id: The person.
        twin_id: Their twin.
    """

    user_id: UUID
    twin_id: UUID


_LINK = (
    TelegramLink.twin_id,
    TelegramLink.telegram_user_id,
    TelegramLink.chat_id,
    TelegramLink.mode,
    TelegramLink.linked_at,
    TelegramLink.blocked_at,
)
_UPDATE = (
    TelegramUpdate.bot_id,
    TelegramUpdate.update_id,
    TelegramUpdate.chat_id,
    TelegramUpdate.body,
    TelegramUpdate.received_at,
)
_PENDING = select(*_UPDATE).where(TelegramUpdate.processed_at.is_(None))
_TRY_LOCK = text("SELECT pg_try_advisory_xact_lock(:lock, hashtext(:name))")
_EXPIRY = func.now() + bindparam("lifetime", type_=Interval())


async def try_lock(connection: Connection, name: str) -> bool:
    """Take a lock until the transaction ends, and return whether it was free.

    Args:
        connection: A transaction.
        name: What is locked.
    """
    return bool(await connection.scalar(_TRY_LOCK, {"lock": _CHAT_LOCK, "name": name}))


async def insert_update(connection: Connection, new: NewUpdate) -> bool:
    """Keep an update, and return whether it is new.

    Args:
        connection: The caller's transaction.
        new: The update.
    """
    statement = insert(TelegramUpdate).values(
        bot_id=new.bot_id, update_id=new.update_id, chat_id=new.chat_id, body=new.body
    )
    return (await connection.execute(statement.on_conflict_do_nothing())).rowcount == 1


async def pending_update(connection: Connection, bot_id: int, *, update_id: int) -> StoredUpdate | None:
    """Return an update that is not worked off, None when it is, or is gone.

    Args:
        connection: An open connection.
        bot_id: Which bot got it.
        update_id: Its number.
    """
    statement = _PENDING.where(TelegramUpdate.bot_id == bot_id, TelegramUpdate.update_id == update_id)
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else StoredUpdate(**row)


async def first_of_chat(connection: Connection, bot_id: int, *, chat_id: int) -> StoredUpdate | None:
    """Return the oldest update of a chat that is not worked off, None when there is none.

    Args:
        connection: An open connection.
        bot_id: Which bot got it.
        chat_id: The chat.
    """
    statement = _PENDING.where(TelegramUpdate.bot_id == bot_id, TelegramUpdate.chat_id == chat_id)
    ordered = statement.order_by(TelegramUpdate.received_at, TelegramUpdate.update_id).limit(1)
    row = (await connection.execute(ordered)).mappings().one_or_none()
    return None if row is None else StoredUpdate(**row)


async def end_update(connection: Connection, stored: StoredUpdate, *, outcome: str) -> bool:
    """Mark an update as worked off, and return whether it was not before.

    Args:
        connection: The transaction that holds its effects.
        stored: The update.
        outcome: What became of it.
    """
    statement = (
        update(TelegramUpdate)
        .where(_is(stored), TelegramUpdate.processed_at.is_(None))
        .values(processed_at=func.now(), outcome=outcome)
    )
    return (await connection.execute(statement)).rowcount == 1


async def count_failure(connection: Connection, stored: StoredUpdate) -> int:
    """Count that working an update off has failed, and return how often it has.

    Args:
        connection: A connection on which each statement commits.
        stored: The update.
    """
    counted = TelegramUpdate.failures + 1
    statement = update(TelegramUpdate).where(_is(stored)).values(failures=counted).returning(TelegramUpdate.failures)
    return (await connection.execute(statement)).scalar_one()


async def link_of(connection: Connection, telegram_user_id: int) -> Link | None:
    """Return the link of a person on Telegram, None when they have none or their access was revoked.

    Args:
        connection: An open connection.
        telegram_user_id: Who they are over there.
    """
    statement = (
        select(*_LINK)
        .join(User, User.id == TelegramLink.user_id)
        .where(TelegramLink.telegram_user_id == telegram_user_id, User.revoked_at.is_(None))
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else Link(**row)


async def link_of_twin(connection: Connection, twin_id: UUID) -> Link | None:
    """Return a twin's link, None when it has none.

    Args:
        connection: An open connection.
        twin_id: The twin.
    """
    row = (await connection.execute(select(*_LINK).where(TelegramLink.twin_id == twin_id))).mappings().one_or_none()
    return None if row is None else Link(**row)


async def keep_code(connection: Connection, owner: Owner, *, code_hash: bytes, lifetime: timedelta) -> datetime:
    """Keep a code instead of the one before that was not used, and return when it expires.

    Args:
        connection: A connection on which each statement commits.
        owner: Whose it is.
        code_hash: SHA-256 of the code.
        lifetime: How long it is valid.
    """
    statement = insert(TelegramLinkCode).values(
        code_hash=code_hash, user_id=owner.user_id, twin_id=owner.twin_id, expires_at=_EXPIRY
    )
    new = statement.excluded
    kept = statement.on_conflict_do_update(
        index_elements=[TelegramLinkCode.user_id],
        index_where=text("used_at IS NULL"),
        set_={name: new[name] for name in ("code_hash", "twin_id", "created_at", "expires_at")},
    ).returning(TelegramLinkCode.expires_at)
    return (await connection.execute(kept, {"lifetime": lifetime})).scalar_one()


async def use_code(connection: Connection, code_hash: bytes) -> Owner | None:
    """Use a code up and return whose it is, None when it is not valid now.

    Args:
        connection: The transaction that links.
        code_hash: SHA-256 of the code.
    """
    statement = (
        update(TelegramLinkCode)
        .where(
            TelegramLinkCode.code_hash == code_hash,
            TelegramLinkCode.used_at.is_(None),
            TelegramLinkCode.expires_at > func.now(),
            TelegramLinkCode.user_id == User.id,
            User.revoked_at.is_(None),
        )
        .values(used_at=func.now())
        .returning(TelegramLinkCode.user_id, TelegramLinkCode.twin_id)
    )
    row = (await connection.execute(statement)).mappings().one_or_none()
    return None if row is None else Owner(**row)


async def drop_codes(connection: Connection, user_id: UUID) -> None:
    """Void a person's unused code.

    Args:
        connection: The caller's transaction.
        user_id: The person.
    """
    unused = (TelegramLinkCode.user_id == user_id) & TelegramLinkCode.used_at.is_(None)
    await connection.execute(delete(TelegramLinkCode).where(unused))


async def link(connection: Connection, owner: Owner, *, telegram_user_id: int, chat_id: int) -> None:
    """Link a person on Telegram and a twin; what either was linked to before is not any more.

    Args:
        connection: The transaction that has used the code up.
        owner: The twin's.
        telegram_user_id: Who they are over there.
        chat_id: Their private chat with the bot.
    """
    former = or_(TelegramLink.telegram_user_id == telegram_user_id, TelegramLink.twin_id == owner.twin_id)
    await connection.execute(delete(TelegramLink).where(former))
    values = {"user_id": owner.user_id, "twin_id": owner.twin_id, "chat_id": chat_id}
    await connection.execute(insert(TelegramLink).values(telegram_user_id=telegram_user_id, **values))


async def unlink(connection: Connection, twin_id: UUID) -> bool:
    """Drop a twin's link, and return whether there was one.

    Args:
        connection: The caller's transaction.
        twin_id: The twin.
    """
    return (await connection.execute(delete(TelegramLink).where(TelegramLink.twin_id == twin_id))).rowcount == 1


async def set_mode(connection: Connection, twin_id: UUID, *, mode: str) -> bool:
    """Set what a plain message is, and return whether there is a link.

    Args:
        connection: The caller's transaction.
        twin_id: Whose chat.
        mode: capture or query.
    """
    statement = update(TelegramLink).where(TelegramLink.twin_id == twin_id).values(mode=mode)
    return (await connection.execute(statement)).rowcount == 1


async def unblock(connection: Connection, linked: Link, *, seen_at: datetime) -> None:
    """Note that somebody who had blocked the bot writes to it again.

    Args:
        connection: The caller's transaction.
        linked: Their link.
        seen_at: When what they wrote came in.
    """
    was_blocked = (TelegramLink.twin_id == linked.twin_id) & (TelegramLink.blocked_at < seen_at)
    await connection.execute(update(TelegramLink).where(was_blocked).values(blocked_at=None))


async def block(connection: Connection, chat_id: int) -> None:
    """Note that nothing can be sent to a chat any more.

    Args:
        connection: The caller's transaction.
        chat_id: The chat.
    """
    is_open = (TelegramLink.chat_id == chat_id) & TelegramLink.blocked_at.is_(None)
    await connection.execute(update(TelegramLink).where(is_open).values(blocked_at=func.now()))


async def purge(connection: Connection, *, updates_after: timedelta, codes_after: timedelta) -> int:
    """Delete old updates and codes, and return how many.

    Args:
        connection: A transaction.
        updates_after: How long updates are kept.
        codes_after: How long codes are kept once they have expired.
    """
    after = bindparam("after", type_=Interval())
    updates = delete(TelegramUpdate).where(TelegramUpdate.received_at < func.now() - after)
    codes = delete(TelegramLinkCode).where(TelegramLinkCode.expires_at < func.now() - after)
    deleted = (await connection.execute(updates, {"after": updates_after})).rowcount
    return deleted + (await connection.execute(codes, {"after": codes_after})).rowcount


def _is(stored: StoredUpdate) -> ColumnElement[bool]:
    return (TelegramUpdate.bot_id == stored.bot_id) & (TelegramUpdate.update_id == stored.update_id)
