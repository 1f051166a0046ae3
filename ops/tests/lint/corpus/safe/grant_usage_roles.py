"""Grant usage roles."""

from alembic import op

revision = "grant_usage_roles"
down_revision = "base"


def upgrade() -> None:
    op.execute("GRANT USAGE ON SCHEMA sales TO app; GRANT SELECT ON ALL TABLES IN SCHEMA sales TO app")


def downgrade() -> None:
    op.execute("REVOKE USAGE ON SCHEMA sales FROM app")
