"""Op f unique."""

# expected: unique-without-index
from alembic import op

revision = "op_f_unique"
down_revision = "base"


def upgrade() -> None:
    op.create_unique_constraint(op.f("uq_settings_value"), "settings", ["value"])


def downgrade() -> None:
    op.execute("SELECT 1")
