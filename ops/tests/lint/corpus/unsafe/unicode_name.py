"""Unicode name."""

# expected: drop-column
from alembic import op

revision = "unicode_name"
down_revision = "base"


def upgrade() -> None:
    op.execute('ALTER TABLE "Käufe" DROP COLUMN "größe"')


def downgrade() -> None:
    op.execute("SELECT 1")
