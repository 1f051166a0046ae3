"""Index the waiting jobs by kind and time, so that a claim never reads those that are not due or not for its worker."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True


def upgrade() -> None:
    """Apply the change; it commits by itself, and a run that was broken off can be repeated."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_jobs_kind_due_at")
        op.execute("CREATE INDEX CONCURRENTLY ix_jobs_kind_due_at ON jobs (kind, due_at) WHERE status = 'queued'")


def downgrade() -> None:
    """Take the change back."""
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_jobs_kind_due_at")
