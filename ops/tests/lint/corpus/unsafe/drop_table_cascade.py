"""Drop table cascade."""

# expected: drop-table,drop-cascade
from alembic import op

revision = "drop_table_cascade"
down_revision = "base"


def upgrade() -> None:
    op.execute('DROP TABLE IF EXISTS "audit_log" CASCADE')


def downgrade() -> None:
    pass
