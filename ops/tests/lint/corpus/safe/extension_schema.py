"""Extension schema."""

from alembic import op

revision = "extension_schema"
down_revision = "base"


def upgrade() -> None:
    op.execute('CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public')


def downgrade() -> None:
    pass
