"""Plain trigger fn new table."""

import sqlalchemy as sa
from alembic import op

revision = "plain_trigger_fn_new_table"
down_revision = "base"


def upgrade() -> None:
    op.create_table("notes", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute(
        "CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql SET search_path = '' AS $$ BEGIN RETURN NEW; END $$"
    )
    op.execute("CREATE TRIGGER stamp BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION stamp()")


def downgrade() -> None:
    op.drop_table("notes")
    op.execute("DROP FUNCTION stamp()")
