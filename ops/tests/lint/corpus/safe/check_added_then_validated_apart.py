"""Check added then validated apart."""

from alembic import op

revision = "check_added_then_validated_apart"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE orders ADD CONSTRAINT ck_note CHECK (note <> '') NOT VALID")
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE orders VALIDATE CONSTRAINT ck_note")


def downgrade() -> None:
    op.execute("ALTER TABLE orders DROP CONSTRAINT ck_note")
