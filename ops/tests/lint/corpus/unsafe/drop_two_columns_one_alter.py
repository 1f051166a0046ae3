"""Drop two columns one alter."""

# expected: drop-column
from alembic import op

revision = "drop_two_columns_one_alter"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE users DROP COLUMN age, DROP COLUMN IF EXISTS status")


def downgrade() -> None:
    raise NotImplementedError("one way")
