"""Rename constraint op."""

from alembic import op

revision = "rename_constraint_op"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE users RENAME CONSTRAINT ck_users_email_present TO ck_email")


def downgrade() -> None:
    op.execute("ALTER TABLE users RENAME CONSTRAINT ck_email TO ck_users_email_present")
