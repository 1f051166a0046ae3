"""Index the jobs by what workers and operators look for, and check the rows that were there before."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True

# Partial: finished rows are in none of those that a claim reads, so that a claim costs the same however many there are.
NO_TWIN = "'00000000-0000-0000-0000-000000000000'::uuid"
INDEXES = {
    "ix_jobs_lane": f"(priority, coalesce(twin_id, {NO_TWIN}), due_at) WHERE status = 'queued'",
    "ix_jobs_lease": "(due_at) WHERE status = 'running'",
    "ix_jobs_finished_at": "(finished_at) WHERE finished_at IS NOT NULL",
    "ix_jobs_dead": "(finished_at) WHERE status IN ('dead', 'failed')",
}
CHECKS = ("valid_job_type", "valid_job_status")


def upgrade() -> None:
    """Apply the change; each statement commits by itself, and a run that was broken off can be repeated."""
    with op.get_context().autocommit_block():
        for name, definition in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE INDEX CONCURRENTLY {name} ON jobs {definition}")
        for name in CHECKS:
            op.execute(f"ALTER TABLE jobs VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    """Take the change back."""
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
