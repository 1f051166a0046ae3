"""Domain nv."""

from alembic import op

revision = "domain_nv"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER DOMAIN email_address ADD CONSTRAINT at CHECK (VALUE LIKE '%@%') NOT VALID")


def downgrade() -> None:
    op.execute("ALTER DOMAIN email_address DROP CONSTRAINT at")
