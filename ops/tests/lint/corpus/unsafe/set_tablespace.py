"""Set tablespace."""

# expected: move-table
from alembic import op

revision = "set_tablespace"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders SET TABLESPACE fast")


def downgrade() -> None:
    op.execute("ALTER TABLE orders SET TABLESPACE pg_default")
