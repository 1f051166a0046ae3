"""The durable queue: this row, not a message, is the job."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class Job(Model):
    """A piece of work; waiting, leased to a worker, or over.

    Attributes:
        due_at: When a worker may take it: for a queued job its time, for a running one the end of its lease.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("kind IN ('thought.process', 'canary')", name="valid_job_type"),
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="valid_job_status"),
        Index("ix_jobs_twin_id_created_at", "twin_id", "created_at"),
        Index("ix_jobs_due_at", "due_at", postgresql_where=text("status IN ('queued', 'running')")),
    )

    id: Mapped[Identifier]
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    kind: Mapped[str]
    envelope: Mapped[int] = mapped_column(server_default="1")
    payload: Mapped[dict[str, object]] = mapped_column(JSONB(), server_default=text("'{}'::jsonb"))
    idempotency_key: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(server_default="queued")
    attempts: Mapped[int] = mapped_column(server_default="0")
    max_attempts: Mapped[int] = mapped_column(server_default="5")
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    worker_id: Mapped[str | None]
    error: Mapped[str | None]
    result: Mapped[dict[str, str] | None] = mapped_column(JSONB())
    created_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]
