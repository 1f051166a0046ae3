"""Varchar to text batch."""

import sqlalchemy as sa
from alembic import op

revision = "varchar_to_text_batch"
down_revision = "base"
reversible = False


def upgrade() -> None:
    with op.batch_alter_table("orders") as b:
        b.alter_column("note", existing_type=sa.String(50), type_=sa.Text(), existing_nullable=True)


def downgrade() -> None:
    op.execute("SELECT 1")
