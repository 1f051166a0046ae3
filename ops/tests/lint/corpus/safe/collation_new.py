"""Collation new."""

from alembic import op

revision = "collation_new"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE COLLATION IF NOT EXISTS german (provider = icu, locale = 'de-u-co-phonebk')")


def downgrade() -> None:
    op.execute("DROP COLLATION german")
