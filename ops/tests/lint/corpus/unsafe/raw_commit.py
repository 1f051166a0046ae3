"""Raw commit."""

# expected: commit-in-revision
from alembic import op

revision = "raw_commit"
down_revision = "base"


def upgrade() -> None:
    op.execute("COMMIT")
    op.execute("ALTER TYPE plan ADD VALUE 'edu'")


def downgrade() -> None:
    pass
