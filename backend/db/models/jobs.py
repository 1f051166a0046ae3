"""The durable queue: this row, not a message, is the job."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model

# The lane of jobs that belong to the service itself rather than to a twin.
NO_TWIN = "'00000000-0000-0000-0000-000000000000'::uuid"
LANE = f"COALESCE(twin_id, {NO_TWIN})"

# What the database lets in as a job's kind; a release learns a kind one migration before it may enqueue it.
JOB_KINDS = (
    "thought.process",
    "canary",
    "jobs.retention",
    "plan.refresh",
    "todoist.sync",
    "todoist.reconcile",
    "telegram.update",
    "telegram.send",
)


class Job(Model):
    """A piece of work; waiting, leased to a worker, or over.

    Attributes:
        twin_id: Whose it is; None for the service's own.
        envelope: The version of the payload's form; a worker takes what it knows and leaves what is newer.
        status: queued, running, done, dead (given up; can be retried) or cancelled. A previous release wrote failed
            for dead.
        priority: Smaller runs sooner.
        run_at: When it was asked to run; None is at once.
        due_at: When a worker may take it: for a queued job its time, for a running one the end of its lease.
        progress: "percent" and "note", as the job last said.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(f"kind IN ({', '.join(repr(each) for each in JOB_KINDS)})", name="valid_job_type"),
        CheckConstraint(
            "status IN ('queued', 'running', 'done', 'failed', 'dead', 'cancelled')", name="valid_job_status"
        ),
        Index("ix_jobs_twin_id_created_at", "twin_id", "created_at"),
        Index("ix_jobs_due_at", "due_at", postgresql_where=text("status IN ('queued', 'running')")),
        Index("ix_jobs_lane", "priority", text(LANE), "due_at", postgresql_where=text("status = 'queued'")),
        Index("ix_jobs_kind_due_at", "kind", "due_at", postgresql_where=text("status = 'queued'")),
        Index("ix_jobs_lease", "due_at", postgresql_where=text("status = 'running'")),
        Index("ix_jobs_finished_at", "finished_at", postgresql_where=text("finished_at IS NOT NULL")),
        Index("ix_jobs_dead", "finished_at", postgresql_where=text("status IN ('dead', 'failed')")),
    )

    id: Mapped[Identifier]
    twin_id: Mapped[UUID | None] = mapped_column(ForeignKey("twins.id"))
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
    priority: Mapped[int] = mapped_column(server_default="0")
    run_at: Mapped[datetime | None]
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
