"""Publication."""

from alembic import op

revision = "publication"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE PUBLICATION pub FOR TABLE users")


def downgrade() -> None:
    op.execute("DROP PUBLICATION pub")
