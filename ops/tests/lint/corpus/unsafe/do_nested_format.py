"""Do nested format."""

# expected: drop-column
from alembic import op

revision = "do_nested_format"
down_revision = "base"


def upgrade() -> None:
    op.execute(
        """DO $do$ BEGIN IF EXISTS (SELECT 1) THEN EXECUTE format('ALTER TABLE %I DROP COLUMN note', 'orders'); END IF; END $do$"""
    )


def downgrade() -> None:
    op.execute("SELECT 1")
