"""Comment ops."""

from alembic import op

revision = "comment_ops"
down_revision = "base"


def upgrade() -> None:
    op.create_table_comment("users", "People; all of them", existing_comment=None)
    op.alter_column("users", "name", comment="given; family")


def downgrade() -> None:
    op.drop_table_comment("users")
