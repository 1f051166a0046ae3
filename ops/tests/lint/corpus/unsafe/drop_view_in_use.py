"""Drop view in use."""

# expected: drop-object
from alembic import op

revision = "drop_view_in_use"
down_revision = "base"


def upgrade() -> None:
    op.execute("DROP VIEW active_users")


def downgrade() -> None:
    op.execute("CREATE VIEW active_users AS SELECT * FROM users")
