"""Not null proved earlier."""

import sqlalchemy as sa
from alembic import op

revision = "not_null_proved_earlier"
down_revision = "base"


def upgrade() -> None:
    op.alter_column("users", "email", existing_type=sa.String(100), nullable=False)
    op.drop_constraint("ck_users_email_present", "users", type_="check")


def downgrade() -> None:
    op.alter_column("users", "email", existing_type=sa.String(100), nullable=True)
