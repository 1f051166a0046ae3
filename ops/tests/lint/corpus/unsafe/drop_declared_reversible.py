"""Drop declared reversible."""

# expected: lossy-downgrade
import sqlalchemy as sa
from alembic import op

revision = "drop_declared_reversible"
down_revision = "base"
kind = "contract"
reversible = True


def upgrade() -> None:
    op.drop_column("users", "age")


def downgrade() -> None:
    op.add_column("users", sa.Column("age", sa.Integer(), nullable=True))
