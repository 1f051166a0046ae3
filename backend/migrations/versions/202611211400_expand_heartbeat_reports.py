"""Let a worker say more of itself than its commit: one column whose form can grow without a migration."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True


def upgrade() -> None:
    """Apply the change."""
    op.add_column("worker_heartbeats", sa.Column("report", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("worker_heartbeats", "report")
