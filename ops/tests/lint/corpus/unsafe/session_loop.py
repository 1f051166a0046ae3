"""Session loop."""

# expected: unbounded-data-change
import sqlalchemy as sa
from alembic import op
from sqlalchemy import orm

revision = "session_loop"
down_revision = "base"
kind = "data"


def upgrade() -> None:
    session = orm.Session(bind=op.get_bind())
    for row in session.execute(sa.text("select id from users")).all():
        session.execute(sa.text("update users set age = 1 where id = :i"), {"i": row.id})
    session.commit()


def downgrade() -> None:
    op.execute("SELECT 1")
