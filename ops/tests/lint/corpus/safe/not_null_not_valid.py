"""Not null not valid."""

from alembic import op

revision = "not_null_not_valid"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD CONSTRAINT state_there NOT NULL state NOT VALID")


def downgrade() -> None:
    op.execute("ALTER TABLE orders DROP CONSTRAINT state_there")
