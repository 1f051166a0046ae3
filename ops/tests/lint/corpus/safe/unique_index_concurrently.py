"""Unique index concurrently."""

import sqlalchemy as sa
from alembic import op

revision = "unique_index_concurrently"
down_revision = "base"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "uq_users_email_lower", "users", [sa.text("lower(email)")], unique=True, postgresql_concurrently=True
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.drop_index("uq_users_email_lower", "users", postgresql_concurrently=True)
