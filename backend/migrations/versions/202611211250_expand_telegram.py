"""Add people on Telegram: who is linked, what comes in, what goes out."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True

NOW = sa.func.now()
NEW_ID = sa.func.gen_random_uuid()


def upgrade() -> None:
    """Apply the change."""
    _create_telegram_links()
    _create_telegram_link_codes()
    _create_telegram_updates()
    _create_telegram_messages()


def _create_telegram_links() -> None:
    op.create_table(
        "telegram_links",
        sa.Column("id", sa.Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("telegram_user_id", sa.BigInteger(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.Text(), server_default=sa.text("'capture'"), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("blocked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("mode IN ('capture', 'query')", name="valid_telegram_mode"),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_telegram_links_twin_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_telegram_links_user_id"),
        sa.PrimaryKeyConstraint("id", name="pk_telegram_links"),
        sa.UniqueConstraint("telegram_user_id", name="uq_telegram_links_telegram_user_id"),
        sa.UniqueConstraint("twin_id", name="uq_telegram_links_twin_id"),
    )


def _create_telegram_link_codes() -> None:
    op.create_table(
        "telegram_link_codes",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("octet_length(code_hash) = 32", name="valid_link_code_hash"),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_telegram_link_codes_twin_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_telegram_link_codes_user_id"),
        sa.PrimaryKeyConstraint("code_hash", name="pk_telegram_link_codes"),
    )
    op.create_index("ix_telegram_link_codes_expires_at", "telegram_link_codes", ["expires_at"])
    op.create_index(
        "uq_telegram_link_codes_user_id",
        "telegram_link_codes",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL"),
    )


def _create_telegram_updates() -> None:
    op.create_table(
        "telegram_updates",
        sa.Column("bot_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("update_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("chat_id", sa.BigInteger(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("failures", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("bot_id", "update_id", name="pk_telegram_updates"),
    )
    op.create_index("ix_telegram_updates_received_at", "telegram_updates", ["received_at"])
    op.create_index(
        "ix_telegram_updates_pending",
        "telegram_updates",
        ["bot_id", "chat_id", "received_at"],
        postgresql_where=sa.text("processed_at IS NULL"),
    )


def _create_telegram_messages() -> None:
    op.create_table(
        "telegram_messages",
        sa.Column("id", sa.Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=True),
        sa.Column("chat_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("part", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'queued'"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("send_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("telegram_message_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'sending', 'sent', 'failed', 'unknown')", name="valid_telegram_message_state"
        ),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_telegram_messages_twin_id"),
        sa.PrimaryKeyConstraint("id", name="pk_telegram_messages"),
        sa.UniqueConstraint("key", "part", name="uq_telegram_messages_key_part"),
    )
    op.create_index("ix_telegram_messages_created_at", "telegram_messages", ["created_at"])
    op.create_index("ix_telegram_messages_chat_id_created_at", "telegram_messages", ["chat_id", "created_at"])
    op.create_index(
        "ix_telegram_messages_pending",
        "telegram_messages",
        ["chat_id", "created_at"],
        postgresql_where=sa.text("state IN ('queued', 'sending')"),
    )


def downgrade() -> None:
    """Take the change back."""
    for table in ("telegram_messages", "telegram_updates", "telegram_link_codes", "telegram_links"):
        op.drop_table(table)
