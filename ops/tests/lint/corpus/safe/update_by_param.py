"""Update by param."""

import sqlalchemy as sa
from alembic import op

revision = "update_by_param"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    op.get_bind().execute(sa.text("UPDATE settings SET value = :v WHERE key = :k"), dict(v="1", k="a"))


def downgrade() -> None:
    op.execute("SELECT 1")
