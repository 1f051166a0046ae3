"""Odd case comment."""

# expected: index-not-concurrent
from alembic import op

revision = "odd_case_comment"
down_revision = "base"


def upgrade() -> None:
    op.execute("""/* speed */ CrEaTe /* x */ UNIQUE
 INDEX -- why
 "ix" On "orders" USING btree ( "state" )""")


def downgrade() -> None:
    op.execute("SELECT 1")
