"""Schema create public."""

# expected: grant-to-public
from alembic import op

revision = "schema_create_public"
down_revision = "base"


def upgrade() -> None:
    op.execute('GRANT ALL ON SCHEMA "public" TO public')


def downgrade() -> None:
    op.execute("SELECT 1")
