"""Foreign key validated alone."""

from alembic import op

revision = "foreign_key_validated_alone"
down_revision = "base"
reversible = False


def upgrade() -> None:
    op.execute("ALTER TABLE orders VALIDATE CONSTRAINT fk_orders_user_nv")


def downgrade() -> None:
    pass
