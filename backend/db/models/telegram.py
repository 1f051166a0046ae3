"""What is known of people on Telegram: who is linked, what came in, what goes out."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class TelegramLink(Model):
    """A person on Telegram who has proved to be one of ours.

    Attributes:
        telegram_user_id: Who it is over there; 64 bits.
        mode: What a plain message is: capture, or query.
        blocked_at: When Telegram said that they blocked the bot; nothing is sent any more.
    """

    __tablename__ = "telegram_links"
    __table_args__ = (
        CheckConstraint("mode IN ('capture', 'query')", name="valid_telegram_mode"),
        UniqueConstraint("telegram_user_id", name="uq_telegram_links_telegram_user_id"),
        UniqueConstraint("twin_id", name="uq_telegram_links_twin_id"),
    )

    id: Mapped[Identifier]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    telegram_user_id: Mapped[int]
    chat_id: Mapped[int]
    mode: Mapped[str] = mapped_column(server_default=text("'capture'"))
    linked_at: Mapped[CreatedAt]
    blocked_at: Mapped[datetime | None]


class TelegramLinkCode(Model):
    """A code that links once, and not for long; only its hash is kept."""

    __tablename__ = "telegram_link_codes"
    __table_args__ = (
        CheckConstraint("octet_length(code_hash) = 32", name="valid_link_code_hash"),
        Index("ix_telegram_link_codes_expires_at", "expires_at"),
        # A new code takes the place of the one before.
        Index("uq_telegram_link_codes_user_id", "user_id", unique=True, postgresql_where=text("used_at IS NULL")),
    )

    code_hash: Mapped[bytes] = mapped_column(LargeBinary(), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class TelegramUpdate(Model):
    """An update as it came in; kept before it is answered for, so that none is lost and none counts twice.

    Attributes:
        body: What was sent, byte for byte: nothing that a sender thinks of can make it unfit to be kept.
        chat_id: The chat whose updates are worked off one after the other; None when it names none.
        failures: How often working it off has failed.
        outcome: What became of it, in a word; None before.
    """

    __tablename__ = "telegram_updates"
    __table_args__ = (
        Index("ix_telegram_updates_received_at", "received_at"),
        Index(
            "ix_telegram_updates_pending",
            "bot_id",
            "chat_id",
            "received_at",
            postgresql_where=text("processed_at IS NULL"),
        ),
    )

    bot_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    update_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes] = mapped_column(LargeBinary())
    chat_id: Mapped[int | None]
    received_at: Mapped[CreatedAt]
    failures: Mapped[int] = mapped_column(server_default="0")
    processed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class TelegramMessage(Model):
    """A message to send, or one part of a long one.

    Attributes:
        key: What it answers; with `part` unique, so that answering twice is harmless.
        state: queued, sending, sent, failed, or unknown when nobody can tell whether it went out.
        attempts: How often it was begun to be sent.
        send_after: Not before this moment, as Telegram has asked; None is at once.
    """

    __tablename__ = "telegram_messages"
    __table_args__ = (
        CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'unknown')", name="valid_telegram_message_state"
        ),
        UniqueConstraint("key", "part", name="uq_telegram_messages_key_part"),
        Index("ix_telegram_messages_created_at", "created_at"),
        Index("ix_telegram_messages_chat_id_created_at", "chat_id", "created_at"),
        Index(
            "ix_telegram_messages_pending",
            "chat_id",
            "created_at",
            postgresql_where=text("state IN ('queued', 'sending')"),
        ),
    )

    id: Mapped[Identifier]
    twin_id: Mapped[UUID | None] = mapped_column(ForeignKey("twins.id"))
    chat_id: Mapped[int]
    key: Mapped[str]
    part: Mapped[int]
    state: Mapped[str] = mapped_column(server_default=text("'queued'"))
    text: Mapped[str]
    error: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    send_after: Mapped[datetime | None]
    telegram_message_id: Mapped[int | None]
    created_at: Mapped[CreatedAt]
    sent_at: Mapped[datetime | None]
