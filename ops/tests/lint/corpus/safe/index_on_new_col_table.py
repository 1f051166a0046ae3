"""Index on new col table."""

import sqlalchemy as sa
from alembic import op

revision = "index_on_new_col_table"
down_revision = "base"


def upgrade() -> None:
    op.create_table("n1", sa.Column("a", sa.Text(), index=True), sa.Column("b", sa.Text(), unique=True))


def downgrade() -> None:
    op.drop_table("n1")
