"""If exists drop."""

# expected: drop-column
from alembic import op

revision = "if_exists_drop"
down_revision = "base"


def upgrade() -> None:
    op.execute(
        'ALTER TABLE IF EXISTS ONLY public."orders" DROP COLUMN IF EXISTS "note" RESTRICT, ADD COLUMN IF NOT EXISTS memo text'
    )


def downgrade() -> None:
    op.execute("SELECT 1")
