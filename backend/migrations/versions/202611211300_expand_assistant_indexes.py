"""Index thoughts by their words and their senders' keys, and check the rows that were there before."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True

INDEXES = {
    "ix_thoughts_search": "INDEX CONCURRENTLY ix_thoughts_search ON thoughts USING gin (to_tsvector('english', text))",
    "uq_thoughts_idempotency_key": (
        "UNIQUE INDEX CONCURRENTLY uq_thoughts_idempotency_key ON thoughts (twin_id, idempotency_key)"
        " WHERE idempotency_key IS NOT NULL"
    ),
}
CHECKS = {"valid_job_type": "jobs", "valid_token_scopes": "api_tokens"}


def upgrade() -> None:
    """Apply the change; each statement commits by itself, and a run that was broken off can be repeated."""
    with op.get_context().autocommit_block():
        for name, definition in INDEXES.items():
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            op.execute(f"CREATE {definition}")
        for name, table in CHECKS.items():
            op.execute(f"ALTER TABLE {table} VALIDATE CONSTRAINT {name}")


def downgrade() -> None:
    """Take the change back."""
    with op.get_context().autocommit_block():
        for name in INDEXES:
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
