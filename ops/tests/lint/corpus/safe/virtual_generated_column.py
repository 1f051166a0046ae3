"""Virtual generated column."""

from alembic import op

revision = "virtual_generated_column"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN gross numeric GENERATED ALWAYS AS (total * 1.19) VIRTUAL")


def downgrade() -> None:
    op.execute("ALTER TABLE orders DROP COLUMN gross")
