"""Contract ok."""

import sqlalchemy as sa
from alembic import op

revision = "contract_ok"
down_revision = "base"
kind = "contract"
reversible = False


def upgrade() -> None:
    op.drop_column("orders", "note")


def downgrade() -> None:
    op.add_column("orders", sa.Column("note", sa.String(50)))
