"""Delete core without where."""

# expected: delete-all-rows
import sqlalchemy as sa
from alembic import op

revision = "delete_core_without_where"
down_revision = "base"


def upgrade() -> None:
    log = sa.table("audit_log", sa.column("id"))
    op.execute(log.delete())


def downgrade() -> None:
    pass
