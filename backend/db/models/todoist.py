"""The other side of a twin's tasks: what is known of Todoist, and what is still to be told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class TodoistAccount(Model):
    """How far a twin has followed its Todoist account.

    Attributes:
        sync_token: Where the next delta begins; moved on in the transaction that applies a delta. None before.
        run_id: The run that may write; a run that finds another one here has been superseded, and writes nothing more.
    """

    __tablename__ = "todoist_accounts"

    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"), primary_key=True)
    sync_token: Mapped[str | None]
    inbox_project_id: Mapped[str | None]
    run_id: Mapped[UUID | None]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]


class TodoistLink(Model):
    """A task that both sides have.

    Attributes:
        remote_id: What Todoist calls it.
        base: The fields that both sides agreed on last, in canonical form; what each side changed is told from it.
        revision: The task's revision that `base` speaks of.
    """

    __tablename__ = "todoist_links"
    __table_args__ = (UniqueConstraint("twin_id", "remote_id", name="uq_todoist_links_twin_id_remote_id"),)

    task_id: Mapped[UUID] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True)
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    remote_id: Mapped[str]
    base: Mapped[dict[str, Any]] = mapped_column(JSONB())
    revision: Mapped[int]
    updated_at: Mapped[CreatedAt]


class TodoistProject(Model):
    """A project that both sides have; two of one name over there are one project here."""

    __tablename__ = "todoist_projects"
    __table_args__ = (Index("ix_todoist_projects_project_id", "project_id"),)

    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"), primary_key=True)
    remote_id: Mapped[str] = mapped_column(primary_key=True)
    project_id: Mapped[UUID] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"))


class TodoistCommand(Model):
    """A command to Todoist: written before it is sent, and sent again under the same uuid until its end is known.

    Attributes:
        uuid: What makes sending it twice harmless.
        temp_id: What a command that makes something calls it until its real id is known.
        told: The fields that are the same on both sides once it is done; for a new project, which one it is.
        revision: The task's revision that it tells of.
        state: new, done, refused, or dropped when a change over there made it pointless.
        attempts: How often it was sent.
        remote_id: The real id of what it made; None for other commands, or when it was not told.
    """

    __tablename__ = "todoist_commands"
    __table_args__ = (
        CheckConstraint("state IN ('new', 'done', 'refused', 'dropped')", name="valid_todoist_command_state"),
        Index("ix_todoist_commands_new", "twin_id", "number", postgresql_where=text("state = 'new'")),
        Index("ix_todoist_commands_task_id", "task_id"),
    )

    uuid: Mapped[Identifier]
    number: Mapped[int] = mapped_column(Identity(always=True))
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    task_id: Mapped[UUID | None] = mapped_column(ForeignKey("tasks.id", ondelete="SET NULL"))
    type: Mapped[str]
    temp_id: Mapped[str | None]
    args: Mapped[dict[str, Any]] = mapped_column(JSONB())
    told: Mapped[dict[str, Any]] = mapped_column(JSONB(), server_default=text("'{}'"))
    revision: Mapped[int | None]
    state: Mapped[str] = mapped_column(server_default=text("'new'"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    remote_id: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    sent_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class TodoistRun(Model):
    """One sync or reconcile.

    Attributes:
        kind: sync or reconcile.
        state: running, done, failed, or blocked when it goes on only after a person has acted.
        counts: How many of what was done, by name.
        drift: What a comparison found, by kind of difference.
        lost: Fields in which both sides had changed, with the value from here that gave way; not more than a page.
    """

    __tablename__ = "todoist_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('sync', 'reconcile')", name="valid_todoist_run_kind"),
        CheckConstraint("state IN ('running', 'done', 'failed', 'blocked')", name="valid_todoist_run_state"),
        Index("ix_todoist_runs_twin_id_started_at", "twin_id", "started_at"),
    )

    id: Mapped[Identifier]
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    job_id: Mapped[UUID | None]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'running'"))
    started_at: Mapped[CreatedAt]
    finished_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB(), server_default=text("'{}'"))
    drift: Mapped[dict[str, int]] = mapped_column(JSONB(), server_default=text("'{}'"))
    lost: Mapped[list[dict[str, Any]]] = mapped_column(JSONB(), server_default=text("'[]'"))
    error: Mapped[str | None]
