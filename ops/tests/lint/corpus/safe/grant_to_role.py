"""Grant to role."""

from alembic import op

revision = "grant_to_role"
down_revision = "base"


def upgrade() -> None:
    op.execute("GRANT SELECT ON orders TO reporting")


def downgrade() -> None:
    op.execute("REVOKE SELECT ON orders FROM reporting")
