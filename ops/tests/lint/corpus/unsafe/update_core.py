"""Update core."""

# expected: unbounded-data-change
import sqlalchemy as sa
from alembic import op

revision = "update_core"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    users = sa.table("users", sa.column("age"), sa.column("status"))
    op.execute(sa.update(users).values(age=0).where(users.c.age.is_(None)))


def downgrade() -> None:
    op.execute("SELECT 1")
