"""Grant to public."""

# expected: grant-to-public
from alembic import op

revision = "grant_to_public"
down_revision = "base"


def upgrade() -> None:
    op.execute("GRANT SELECT, INSERT ON orders TO PUBLIC")


def downgrade() -> None:
    op.execute("REVOKE SELECT, INSERT ON orders FROM PUBLIC")
