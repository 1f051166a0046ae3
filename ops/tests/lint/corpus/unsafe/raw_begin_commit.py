"""Raw begin commit."""

# expected: commit-in-revision
from alembic import op

revision = "raw_begin_commit"
down_revision = "base"


def upgrade() -> None:
    op.execute("COMMIT; BEGIN")


def downgrade() -> None:
    op.execute("SELECT 1")
