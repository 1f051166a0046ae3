"""Row security with policy."""

from alembic import op

revision = "row_security_with_policy"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE TABLE secrets (id bigint PRIMARY KEY, owner text NOT NULL)")
    op.execute("ALTER TABLE secrets ENABLE ROW LEVEL SECURITY")
    op.execute("CREATE POLICY own ON secrets USING (owner = current_user)")


def downgrade() -> None:
    op.execute("DROP TABLE secrets")
