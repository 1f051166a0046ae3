"""Captured thoughts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class Thought(Model):
    """A thought as it was captured, and what processing made of it.

    Attributes:
        source: Who processed it: provider, or fallback for the built-in rules.
        reason: Why the built-in rules did it; None when the provider did, or before.
        idempotency_key: What its sender calls the request; a repeated one gets the first answer.
        request_hash: SHA-256 of the request of that key; None without a key.
        answer: The first answer, its "body" as it was sent, to the letter; None before, or without a key.
    """

    __tablename__ = "thoughts"
    __table_args__ = (
        CheckConstraint("source IN ('fallback', 'provider')", name="valid_thought_source"),
        Index("ix_thoughts_twin_id_created_at", "twin_id", "created_at"),
        Index("ix_thoughts_search", text("to_tsvector('english', text)"), postgresql_using="gin"),
        Index(
            "uq_thoughts_idempotency_key",
            "twin_id",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
    )

    id: Mapped[Identifier]
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    text: Mapped[str]
    title: Mapped[str | None]
    source: Mapped[str] = mapped_column(server_default="fallback")
    created_at: Mapped[CreatedAt]
    processed_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    idempotency_key: Mapped[str | None]
    request_hash: Mapped[bytes | None] = mapped_column(LargeBinary())
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
