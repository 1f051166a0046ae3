"""Definer proc."""

# expected: definer-search-path
from alembic import op

revision = "definer_proc"
down_revision = "base"


def upgrade() -> None:
    op.execute(
        "CREATE OR REPLACE PROCEDURE wipe() LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN DELETE FROM public.settings; END $$"
    )


def downgrade() -> None:
    op.execute("SELECT 1")
