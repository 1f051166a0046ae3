"""View new."""

from alembic import op

revision = "view_new"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
    -- recent orders
    CREATE OR REPLACE VIEW recent AS
      SELECT id, total FROM orders WHERE created_at > now() - interval '1 day'
    """)


def downgrade() -> None:
    op.execute("DROP VIEW recent")
