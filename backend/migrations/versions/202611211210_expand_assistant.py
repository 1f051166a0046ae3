"""Let tokens have scopes, people a time zone, thoughts an idempotency key, and jobs the assistant's kinds."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True
# gonogo: allow lossy-downgrade until 2027-12-31: only jobs and schedules that the new release alone knows are deleted
# gonogo: allow several-tables-locked until 2027-12-31: four brief locks, each with a lock_timeout; released long ago

OLD_KINDS = "kind IN ('thought.process', 'canary', 'jobs.retention')"
KINDS = (
    "kind IN ('thought.process', 'canary', 'jobs.retention', 'plan.refresh', 'todoist.sync', 'todoist.reconcile',"
    " 'telegram.update', 'telegram.send')"
)
NEW_KINDS = "('plan.refresh', 'todoist.sync', 'todoist.reconcile', 'telegram.update', 'telegram.send')"
# What a token could do before there were scopes, and what the previous release still makes.
EVERYTHING = sa.text("ARRAY['read', 'write', 'manage']")
THOUGHTS: dict[str, sa.types.TypeEngine[Any]] = {
    "reason": sa.Text(),
    "idempotency_key": sa.Text(),
    "request_hash": sa.LargeBinary(),
    "answer": JSONB(),
}


def upgrade() -> None:
    """Apply the change; the checks look at old rows in a later revision, without a long lock."""
    op.add_column("users", sa.Column("timezone", sa.Text(), server_default=sa.text("'UTC'"), nullable=False))
    op.add_column("api_tokens", sa.Column("scopes", ARRAY(sa.Text()), server_default=EVERYTHING, nullable=False))
    op.add_column("api_tokens", sa.Column("prefix", sa.Text(), nullable=True))
    op.create_check_constraint(
        "valid_token_scopes", "api_tokens", "scopes <@ ARRAY['read', 'write', 'manage']", postgresql_not_valid=True
    )
    for name, form in THOUGHTS.items():
        op.add_column("thoughts", sa.Column(name, form, nullable=True))
    op.drop_constraint("valid_job_type", "jobs")
    op.create_check_constraint("valid_job_type", "jobs", KINDS, postgresql_not_valid=True)


def downgrade() -> None:
    """Take the change back; jobs that only the new release knows go with it."""
    op.execute(f"DELETE FROM jobs WHERE kind IN {NEW_KINDS}")  # noqa: S608  # words of this module
    op.execute(f"DELETE FROM job_schedules WHERE kind IN {NEW_KINDS}")  # noqa: S608
    op.drop_constraint("valid_job_type", "jobs")
    op.create_check_constraint("valid_job_type", "jobs", OLD_KINDS)
    for column in THOUGHTS:
        op.drop_column("thoughts", column)
    op.drop_constraint("valid_token_scopes", "api_tokens")
    for column in ("prefix", "scopes"):
        op.drop_column("api_tokens", column)
    op.drop_column("users", "timezone")
