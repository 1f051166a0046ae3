"""Plain function."""

from alembic import op

revision = "plain_function"
down_revision = "base"


def upgrade() -> None:
    op.execute("""
CREATE OR REPLACE FUNCTION slug(t text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = '' AS $$
  -- not: UPDATE users SET name = ''; DELETE FROM users;
  SELECT pg_catalog.lower(pg_catalog.regexp_replace(t, '\\W+', '-', 'g'))
$$
""")


def downgrade() -> None:
    op.execute("DROP FUNCTION slug(text)")
