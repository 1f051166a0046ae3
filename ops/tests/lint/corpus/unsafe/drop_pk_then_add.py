"""Drop pk then add."""

# expected: unique-without-index
from alembic import op

revision = "drop_pk_then_add"
down_revision = "base"


def upgrade() -> None:
    op.drop_constraint("audit_log_pkey", "audit_log", type_="primary")
    op.create_primary_key("audit_log_pkey", "audit_log", ["id", "uid"])


def downgrade() -> None:
    op.execute("SELECT 1")
