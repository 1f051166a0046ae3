"""Case in check."""

from alembic import op

revision = "case_in_check"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD CONSTRAINT ck CHECK (CASE WHEN total IS NULL THEN true ELSE total > 0 END) NOT VALID")


def downgrade() -> None:
    op.execute("SELECT 1")
