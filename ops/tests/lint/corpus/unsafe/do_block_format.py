"""Do block format."""

# expected: add-required-column
from alembic import op

revision = "do_block_format"
down_revision = "base"
reversible = False


def upgrade() -> None:
    op.execute(
        "DO $$ DECLARE t text; BEGIN FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'sales' LOOP EXECUTE format('ALTER TABLE sales.%I ADD COLUMN tenant int NOT NULL', t); END LOOP; END $$"
    )


def downgrade() -> None:
    raise NotImplementedError
