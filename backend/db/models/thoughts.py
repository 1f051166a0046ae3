"""Captured thoughts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class Thought(Model):
    """A thought as it was captured, and what processing made of it."""

    __tablename__ = "thoughts"
    __table_args__ = (
        CheckConstraint("source IN ('fallback', 'provider')", name="valid_thought_source"),
        Index("ix_thoughts_twin_id_created_at", "twin_id", "created_at"),
    )

    id: Mapped[Identifier]
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    text: Mapped[str]
    title: Mapped[str | None]
    source: Mapped[str] = mapped_column(server_default="fallback")
    created_at: Mapped[CreatedAt]
    processed_at: Mapped[datetime | None]
