"""Empty downgrade."""

# expected: missing-downgrade
import sqlalchemy as sa
from alembic import op

revision = "empty_downgrade"
down_revision = "base"


def upgrade() -> None:
    op.add_column("users", sa.Column("q", sa.Text()))


def downgrade() -> None:
    pass
