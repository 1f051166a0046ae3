"""Plans: what a day is for."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class Plan(Model):
    """A twin's plan for one day; a refresh replaces it.

    Attributes:
        day: In its owner's zone.
        items: The plan's items, as plan.v1 shows them.
        source: Who made it: provider, or fallback for the built-in rules.
        reason: Why the built-in rules made it; None when the provider did.
    """

    __tablename__ = "plans"
    __table_args__ = (
        CheckConstraint("source IN ('fallback', 'provider')", name="valid_plan_source"),
        UniqueConstraint("twin_id", "day", name="uq_plans_twin_id_day"),
    )

    id: Mapped[Identifier]
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    day: Mapped[date] = mapped_column(Date())
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB())
    source: Mapped[str]
    reason: Mapped[str | None]
    created_at: Mapped[CreatedAt]
