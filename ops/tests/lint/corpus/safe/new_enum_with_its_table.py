"""New enum with its table."""

import sqlalchemy as sa
from alembic import op

revision = "new_enum_with_its_table"
down_revision = "base"


def upgrade() -> None:
    op.create_table(
        "shipments",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("carrier", sa.Enum("dhl", "ups", name="carrier"), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("shipments")
    op.execute("DROP TYPE carrier")
