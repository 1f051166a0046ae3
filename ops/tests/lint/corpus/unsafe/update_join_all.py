"""Update join all."""

# expected: unbounded-data-change
from alembic import op

revision = "update_join_all"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.execute("""UPDATE users SET name = lower(name)""")


def downgrade() -> None:
    op.execute("SELECT 1")
