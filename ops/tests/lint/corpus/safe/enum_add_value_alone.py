"""Enum add value alone."""

from alembic import op

revision = "enum_add_value_alone"
down_revision = "base"
reversible = False


def upgrade() -> None:
    op.execute("ALTER TYPE plan ADD VALUE 'trial' BEFORE 'free'")


def downgrade() -> None:
    raise NotImplementedError
