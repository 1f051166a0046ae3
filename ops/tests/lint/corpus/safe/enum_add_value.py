"""Enum add value."""

from alembic import op

revision = "enum_add_value"
down_revision = "base"
reversible = False


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TYPE plan ADD VALUE IF NOT EXISTS 'team'")


def downgrade() -> None:
    pass
