"""Column with json default."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "column_with_json_default"
down_revision = "base"


def upgrade() -> None:
    op.add_column(
        "orders", sa.Column("tags", postgresql.JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("orders", "tags")
