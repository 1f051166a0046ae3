"""Contract drop table."""

from alembic import op

revision = "contract_drop_table"
down_revision = "base"
kind = "contract"
reversible = False


def upgrade() -> None:
    op.drop_table("audit_log")


def downgrade() -> None:
    raise NotImplementedError("the rows are gone")
