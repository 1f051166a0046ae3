"""Waived with reason."""

from alembic import op

revision = "waived_with_reason"
down_revision = "base"


def upgrade() -> None:
    # gonogo: allow index-not-concurrent until 2099-01-01: settings holds forty rows
    op.create_index("ix_settings_value", "settings", ["value"])


def downgrade() -> None:
    op.drop_index("ix_settings_value", table_name="settings")
