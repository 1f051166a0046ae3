"""File sql."""

# expected: drop-table
from alembic import op
SQL = """
-- tidy up
BEGIN_MARK := 1;
""".replace("BEGIN_MARK := 1;", "DROP TABLE settings;")

revision = "file_sql"
down_revision = "base"


def upgrade() -> None:
    op.execute(SQL.strip())


def downgrade() -> None:
    op.execute("SELECT 1")
