"""Update core by key."""

import sqlalchemy as sa
from alembic import op

revision = "update_core_by_key"
down_revision = "base"
kind = "data"
reversible = False


def upgrade() -> None:
    settings = sa.table("settings", sa.column("key"), sa.column("value"))
    op.execute(settings.update().where(settings.c.key.in_(["a", "b"])).values(value="c"))
    op.get_bind().execute(sa.text("UPDATE settings SET value = :v WHERE key = :k"), {"v": "x", "k": "y"})


def downgrade() -> None:
    pass
