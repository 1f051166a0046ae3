"""Primary key using index."""

from alembic import op

revision = "primary_key_using_index"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE audit_log ADD CONSTRAINT audit_pk PRIMARY KEY USING INDEX audit_uid_idx")


def downgrade() -> None:
    op.drop_constraint("audit_pk", "audit_log", type_="primary")
