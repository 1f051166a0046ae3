"""Contract drop column."""

from alembic import op

revision = "contract_drop_column"
down_revision = "base"
kind = "contract"
reversible = False


def upgrade() -> None:
    op.drop_column("users", "age")


def downgrade() -> None:
    raise NotImplementedError("the values are gone")
