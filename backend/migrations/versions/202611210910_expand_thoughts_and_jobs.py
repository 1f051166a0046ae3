"""Add thoughts, and the queue that processes them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import CheckConstraint, DateTime, ForeignKeyConstraint, PrimaryKeyConstraint, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True

NOW = sa.func.now()
NEW_ID = sa.func.gen_random_uuid()


def upgrade() -> None:
    """Apply the change."""
    _create_thoughts()
    _create_jobs()


def _create_thoughts() -> None:
    op.create_table(
        "thoughts",
        sa.Column("id", Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("twin_id", Uuid(), nullable=False),
        sa.Column("text", Text(), nullable=False),
        sa.Column("title", Text(), nullable=True),
        sa.Column("source", Text(), server_default="fallback", nullable=False),
        sa.Column("created_at", DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("processed_at", DateTime(timezone=True), nullable=True),
        CheckConstraint("source IN ('fallback', 'provider')", name="valid_thought_source"),
        PrimaryKeyConstraint("id", name="pk_thoughts"),
        ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_thoughts_twin_id"),
    )
    op.create_index("ix_thoughts_twin_id_created_at", "thoughts", ["twin_id", "created_at"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        *_job_columns(),
        CheckConstraint("kind IN ('thought.process', 'canary')", name="valid_job_type"),
        CheckConstraint("status IN ('queued', 'running', 'done', 'failed')", name="valid_job_status"),
        PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("idempotency_key", name="uq_jobs_idempotency_key"),
        ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_jobs_twin_id"),
    )
    op.create_index("ix_jobs_twin_id_created_at", "jobs", ["twin_id", "created_at"])
    op.create_index("ix_jobs_due_at", "jobs", ["due_at"], postgresql_where=sa.text("status IN ('queued', 'running')"))


def _job_columns() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("id", Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("twin_id", Uuid(), nullable=False),
        sa.Column("kind", Text(), nullable=False),
        sa.Column("envelope", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("payload", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("idempotency_key", Text(), nullable=False),
        sa.Column("status", Text(), server_default="queued", nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("max_attempts", sa.BigInteger(), server_default="5", nullable=False),
        sa.Column("due_at", DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("worker_id", Text(), nullable=True),
        sa.Column("error", Text(), nullable=True),
        sa.Column("result", JSONB(), nullable=True),
        sa.Column("created_at", DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("finished_at", DateTime(timezone=True), nullable=True),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("jobs")
    op.drop_table("thoughts")
