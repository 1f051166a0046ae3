"""Set not null new col checked."""

import sqlalchemy as sa
from alembic import op

revision = "set_not_null_new_col_checked"
down_revision = "base"


def upgrade() -> None:
    op.add_column("orders", sa.Column("cur", sa.Text(), server_default="EUR", nullable=False))
    op.create_check_constraint("ck_cur", "orders", "length(cur) = 3", postgresql_not_valid=True)


def downgrade() -> None:
    op.drop_column("orders", "cur")
