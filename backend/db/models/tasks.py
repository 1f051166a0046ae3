"""Tasks: what is to be done."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model

# What a search looks at, word for word as the server keeps it.
SEARCHED = "to_tsvector('english'::regconfig, (title || ' '::text) || notes)"


class Task(Model):
    """Something to do.

    Attributes:
        thought_id: The thought that it was found in; None for a task from elsewhere.
        status: open, done or deleted; a deleted task is kept until the other side knows.
        priority: From 1, the most urgent, to 4.
        due_on: The day, in its owner's zone; None is some time.
        due_at: The moment, when a time of day was said; `due_on` is set too.
        due_zone: The IANA zone in which `due_at` was said; None is wherever its owner is.
        recurrence: How it recurs, in words ("every friday"); None is once.
        estimate_minutes: How long it takes; None is unknown.
        source: Who made it: capture, todoist, or manual for a task that its owner added.
        revision: Counts changes from 1; tells a change here from one that is known over there.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'done', 'deleted')", name="valid_task_status"),
        CheckConstraint("priority BETWEEN 1 AND 4", name="valid_task_priority"),
        CheckConstraint("source IN ('capture', 'todoist', 'manual')", name="valid_task_source"),
        CheckConstraint("due_at IS NULL OR due_on IS NOT NULL", name="valid_task_due"),
        Index("ix_tasks_twin_id_created_at", "twin_id", "created_at", "id"),
        Index("ix_tasks_open", "twin_id", "due_on", postgresql_where=text("status = 'open'")),
        Index("ix_tasks_thought_id", "thought_id"),
        Index("ix_tasks_project_id", "project_id"),
        Index("ix_tasks_search", text(SEARCHED), postgresql_using="gin"),
    )

    id: Mapped[Identifier]
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"))
    thought_id: Mapped[UUID | None] = mapped_column(ForeignKey("thoughts.id", ondelete="SET NULL"))
    title: Mapped[str]
    notes: Mapped[str] = mapped_column(server_default=text("''"))
    status: Mapped[str] = mapped_column(server_default=text("'open'"))
    priority: Mapped[int] = mapped_column(server_default=text("4"))
    due_on: Mapped[date | None] = mapped_column(Date())
    due_at: Mapped[datetime | None]
    due_zone: Mapped[str | None]
    recurrence: Mapped[str | None]
    estimate_minutes: Mapped[int | None]
    labels: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("'{}'"))
    source: Mapped[str]
    revision: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    completed_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
