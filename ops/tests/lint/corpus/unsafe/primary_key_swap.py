"""Primary key swap."""

# expected: unique-without-index
from alembic import op

revision = "primary_key_swap"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE audit_log DROP CONSTRAINT audit_log_pkey, ADD PRIMARY KEY (uid)")


def downgrade() -> None:
    op.execute("ALTER TABLE audit_log DROP CONSTRAINT audit_log_pkey, ADD PRIMARY KEY (id)")
