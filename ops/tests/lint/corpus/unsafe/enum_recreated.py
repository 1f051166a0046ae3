"""Enum recreated."""

# expected: enum-recreated
from alembic import op

revision = "enum_recreated"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TYPE plan RENAME TO plan_old")
    op.execute("CREATE TYPE plan AS ENUM ('free')")
    op.execute("ALTER TABLE users ALTER COLUMN plan TYPE plan USING plan::text::plan")
    op.execute("DROP TYPE plan_old")


def downgrade() -> None:
    raise NotImplementedError
