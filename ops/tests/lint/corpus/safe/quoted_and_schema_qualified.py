"""Quoted and schema qualified."""

import sqlalchemy as sa
from alembic import op

revision = "quoted_and_schema_qualified"
down_revision = "base"


def upgrade() -> None:
    op.add_column("Order Items", sa.Column("Unit Price", sa.Numeric(10, 2), nullable=True), schema="sales")


def downgrade() -> None:
    op.drop_column("Order Items", "Unit Price", schema="sales")
