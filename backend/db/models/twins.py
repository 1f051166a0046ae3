"""Twins: a tenant's knowledge space, to which everything else belongs."""

from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class Twin(Model):
    """A knowledge space; each user has exactly one personal twin."""

    __tablename__ = "twins"
    __table_args__ = (
        Index("ix_twins_user_id", "user_id"),
        Index("uq_twins_personal", "user_id", unique=True, postgresql_where=text("is_personal")),
    )

    id: Mapped[Identifier]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    is_personal: Mapped[bool]
    created_at: Mapped[CreatedAt]
