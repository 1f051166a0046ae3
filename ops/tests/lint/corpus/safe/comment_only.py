"""Comment only."""

from alembic import op

revision = "comment_only"
down_revision = "base"


def upgrade() -> None:
    op.create_table_comment("users", "people; do not DROP TABLE users", existing_comment=None)


def downgrade() -> None:
    op.drop_table_comment("users")
