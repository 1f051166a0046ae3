"""Do if."""

# expected: set-not-null
from alembic import op

revision = "do_if"
down_revision = "base"


def upgrade() -> None:
    op.execute("""DO LANGUAGE plpgsql $x$
DECLARE n int;
BEGIN
  SELECT count(*) INTO n FROM orders;
  IF n > 0 THEN
    ALTER TABLE orders ALTER state SET NOT NULL;
  END IF;
EXCEPTION WHEN others THEN NULL;
END $x$""")


def downgrade() -> None:
    op.execute("SELECT 1")
