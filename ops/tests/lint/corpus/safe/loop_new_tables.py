"""Loop new tables."""

import sqlalchemy as sa
from alembic import op

revision = "loop_new_tables"
down_revision = "base"


def upgrade() -> None:
    for name in ("a", "b"):
        op.create_table(
            f"log_{name}", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("at", sa.DateTime())
        )
        op.create_index(f"ix_log_{name}", f"log_{name}", ["at"])


def downgrade() -> None:
    for name in ("a", "b"):
        op.drop_table(f"log_{name}")
