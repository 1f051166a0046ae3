"""Add value own."""

from alembic import op

revision = "add_value_own"
down_revision = "base"
reversible = False


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE plan ADD VALUE IF NOT EXISTS 'max'")


def downgrade() -> None:
    pass
