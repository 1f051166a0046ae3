"""Several per statement."""

# expected: drop-table
from alembic import op

revision = "several_per_statement"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE TABLE a1 (id int); DROP TABLE settings; COMMENT ON TABLE a1 IS 'x;y'")


def downgrade() -> None:
    op.execute("SELECT 1")
