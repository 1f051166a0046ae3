"""Row security without policy."""

# expected: row-security-without-policy
from alembic import op

revision = "row_security_without_policy"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ENABLE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute("ALTER TABLE orders DISABLE ROW LEVEL SECURITY")
