"""Json to jsonb."""

# expected: column-type-rewrite
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "json_to_jsonb"
down_revision = "base"


def upgrade() -> None:
    op.alter_column(
        "users", "payload", type_=postgresql.JSONB(), existing_type=sa.JSON(), postgresql_using="payload::jsonb"
    )


def downgrade() -> None:
    op.alter_column("users", "payload", type_=sa.JSON(), postgresql_using="payload::json")
