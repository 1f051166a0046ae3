"""Add users, their twins and their API tokens."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import DateTime, ForeignKeyConstraint, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint, Uuid

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

kind = "expand"
reversible = True

NOW = sa.func.now()
NEW_ID = sa.func.gen_random_uuid()


def upgrade() -> None:
    """Apply the change."""
    op.create_table(
        "users",
        sa.Column("id", Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("email", Text(), nullable=False),
        sa.Column("created_at", DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("revoked_at", DateTime(timezone=True), nullable=True),
        PrimaryKeyConstraint("id", name="pk_users"),
        UniqueConstraint("email", name="uq_users_email"),
    )
    _create_twins()
    _create_api_tokens()


def _create_twins() -> None:
    op.create_table(
        "twins",
        sa.Column("id", Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("user_id", Uuid(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("is_personal", sa.Boolean(), nullable=False),
        sa.Column("created_at", DateTime(timezone=True), server_default=NOW, nullable=False),
        PrimaryKeyConstraint("id", name="pk_twins"),
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_twins_user_id"),
    )
    op.create_index("ix_twins_user_id", "twins", ["user_id"])
    op.create_index("uq_twins_personal", "twins", ["user_id"], unique=True, postgresql_where=sa.text("is_personal"))


def _create_api_tokens() -> None:
    op.create_table(
        "api_tokens",
        sa.Column("id", Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("user_id", Uuid(), nullable=False),
        sa.Column("name", Text(), nullable=False),
        sa.Column("token_hash", LargeBinary(), nullable=False),
        sa.Column("created_at", DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("expires_at", DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(token_hash) = 32", name="valid_token_hash"),
        PrimaryKeyConstraint("id", name="pk_api_tokens"),
        UniqueConstraint("token_hash", name="uq_api_tokens_token_hash"),
        ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_api_tokens_user_id"),
    )
    op.create_index("ix_api_tokens_user_id", "api_tokens", ["user_id"])


def downgrade() -> None:
    """Take the change back."""
    for table in ("api_tokens", "twins", "users"):
        op.drop_table(table)
