"""What each worker last said of itself."""

from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Model


class WorkerHeartbeat(Model):
    """One worker process, from its start to its stop.

    Attributes:
        report: What it says of itself besides; None from a release that said nothing.
    """

    __tablename__ = "worker_heartbeats"
    __table_args__ = (
        CheckConstraint("state IN ('running', 'stopping', 'stopped')", name="valid_worker_state"),
        Index("ix_worker_heartbeats_beat_at", "beat_at"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str]
    commit: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    state: Mapped[str]
    schema_revision: Mapped[str | None]
    started_at: Mapped[CreatedAt]
    beat_at: Mapped[CreatedAt]
    report: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
