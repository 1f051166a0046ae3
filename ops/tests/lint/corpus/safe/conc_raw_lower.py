"""Conc raw lower."""

from alembic import op

revision = "conc_raw_lower"
down_revision = "base"


def upgrade() -> None:
    ctx = op.get_context()
    with ctx.autocommit_block():
        op.execute(
            "create index concurrently ix_q on orders using gin (to_tsvector('simple', note)) where note is not null"
        )


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently if exists ix_q")
