"""Not null proven quoted."""

from alembic import op

revision = "not_null_proven_quoted"
down_revision = "base"


def upgrade() -> None:
    op.execute('ALTER TABLE "public"."users" ALTER COLUMN "email" SET NOT NULL')


def downgrade() -> None:
    op.execute("ALTER TABLE users ALTER email DROP NOT NULL")
