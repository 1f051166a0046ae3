"""Text to varchar."""

# expected: column-type-narrowed
from alembic import op

revision = "text_to_varchar"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE users ALTER COLUMN name TYPE varchar(40)")


def downgrade() -> None:
    op.execute("ALTER TABLE users ALTER COLUMN name TYPE text")
