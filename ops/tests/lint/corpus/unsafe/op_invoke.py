"""Op invoke."""

# expected: drop-column
from alembic import op

revision = "op_invoke"
down_revision = "base"


def upgrade() -> None:
    from alembic.operations import ops
    op.invoke(ops.DropColumnOp("users", "age"))


def downgrade() -> None:
    op.execute("SELECT 1")
