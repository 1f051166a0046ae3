"""Create table then alter it."""

from alembic import op

revision = "create_table_then_alter_it"
down_revision = "base"


def upgrade() -> None:
    op.execute("CREATE TABLE coupons (id bigint PRIMARY KEY, code text)")
    op.execute("ALTER TABLE coupons ALTER COLUMN code SET NOT NULL, ADD CONSTRAINT uq_code UNIQUE (code)")
    op.execute("ALTER TABLE coupons ADD CHECK (code <> '')")
    op.execute("INSERT INTO coupons SELECT g, 'c' || g FROM generate_series(1, 5) g")
    op.execute("UPDATE coupons SET code = upper(code)")


def downgrade() -> None:
    op.execute("DROP TABLE coupons")
