"""Drop column autogenerate."""

# expected: drop-column
import sqlalchemy as sa
from alembic import op

revision = "drop_column_autogenerate"
down_revision = "base"


def upgrade() -> None:
    op.drop_column("users", "age")


def downgrade() -> None:
    op.add_column("users", sa.Column("age", sa.Integer(), nullable=True))
