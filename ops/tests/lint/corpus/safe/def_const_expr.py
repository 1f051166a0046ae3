"""Def const expr."""

from alembic import op

revision = "def_const_expr"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD COLUMN due timestamptz NOT NULL DEFAULT (now() + interval '1 day')")


def downgrade() -> None:
    op.drop_column("orders", "due")
