"""Let a job have a priority, a time, progress and more ways to end; add its log and its schedules."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True
# gonogo: allow lossy-downgrade until 2027-12-31: only jobs that the new release alone can write are deleted

NOW = sa.func.now()
OLD_CHECKS = {
    "valid_job_type": "kind IN ('thought.process', 'canary')",
    "valid_job_status": "status IN ('queued', 'running', 'done', 'failed')",
}
CHECKS = {
    "valid_job_type": "kind IN ('thought.process', 'canary', 'jobs.retention')",
    "valid_job_status": "status IN ('queued', 'running', 'done', 'failed', 'dead', 'cancelled')",
}


def upgrade() -> None:
    """Apply the change."""
    op.add_column("jobs", sa.Column("priority", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("jobs", sa.Column("run_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jobs", sa.Column("progress", JSONB(), nullable=True))
    op.alter_column("jobs", "twin_id", nullable=True)
    for name, condition in CHECKS.items():
        _replace_check(name, condition)
    _create_job_logs()
    _create_job_schedules()


def _replace_check(name: str, condition: str) -> None:
    # Not valid: rows are checked as they are written; the next revision looks at the old ones without a long lock.
    op.drop_constraint(name, "jobs")
    op.create_check_constraint(name, "jobs", condition, postgresql_not_valid=True)


def _create_job_logs() -> None:
    op.create_table(
        "job_logs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_job_logs"),
    )
    op.create_index("ix_job_logs_job_id_id", "job_logs", ["job_id", "id"])


def _create_job_schedules() -> None:
    op.create_table(
        "job_schedules",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=True),
        sa.Column("is_enabled", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_job_schedules"),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_job_schedules_twin_id"),
    )


def downgrade() -> None:
    """Take the change back; what only the new release could write is put into the old one's terms."""
    op.drop_table("job_schedules")
    op.drop_table("job_logs")
    op.execute("DELETE FROM jobs WHERE twin_id IS NULL OR kind = 'jobs.retention'")
    op.execute("UPDATE jobs SET status = 'failed' WHERE status IN ('dead', 'cancelled')")
    for name, condition in OLD_CHECKS.items():
        op.drop_constraint(name, "jobs")
        op.create_check_constraint(name, "jobs", condition)
    op.alter_column("jobs", "twin_id", nullable=False)
    for column in ("progress", "run_at", "priority"):
        op.drop_column("jobs", column)
