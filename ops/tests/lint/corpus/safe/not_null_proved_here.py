"""Not null proved here."""

from alembic import op

revision = "not_null_proved_here"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE users ADD CONSTRAINT name_there CHECK (name IS NOT NULL) NOT VALID")
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE users VALIDATE CONSTRAINT name_there")
    op.execute("ALTER TABLE users ALTER COLUMN name SET NOT NULL")
    op.execute("ALTER TABLE users DROP CONSTRAINT name_there")


def downgrade() -> None:
    op.execute("ALTER TABLE users ALTER COLUMN name DROP NOT NULL")
