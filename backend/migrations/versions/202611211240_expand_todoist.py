"""Add the other side of a twin's tasks: its Todoist account."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True

NOW = sa.func.now()
NEW_ID = sa.func.gen_random_uuid()


def upgrade() -> None:
    """Apply the change."""
    _create_todoist_accounts()
    _create_todoist_links()
    _create_todoist_projects()
    _create_todoist_commands()
    _create_todoist_runs()


def _create_todoist_accounts() -> None:
    op.create_table(
        "todoist_accounts",
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("sync_token", sa.Text(), nullable=True),
        sa.Column("inbox_project_id", sa.Text(), nullable=True),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_todoist_accounts_twin_id"),
        sa.PrimaryKeyConstraint("twin_id", name="pk_todoist_accounts"),
    )


def _create_todoist_links() -> None:
    op.create_table(
        "todoist_links",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("base", JSONB(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_todoist_links_task_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_todoist_links_twin_id"),
        sa.PrimaryKeyConstraint("task_id", name="pk_todoist_links"),
        sa.UniqueConstraint("twin_id", "remote_id", name="uq_todoist_links_twin_id_remote_id"),
    )


def _create_todoist_projects() -> None:
    op.create_table(
        "todoist_projects",
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_todoist_projects_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_todoist_projects_twin_id"),
        sa.PrimaryKeyConstraint("twin_id", "remote_id", name="pk_todoist_projects"),
    )
    op.create_index("ix_todoist_projects_project_id", "todoist_projects", ["project_id"])


def _create_todoist_commands() -> None:
    op.create_table(
        "todoist_commands",
        sa.Column("uuid", sa.Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("temp_id", sa.Text(), nullable=True),
        sa.Column("args", JSONB(), nullable=False),
        sa.Column("told", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('new', 'done', 'refused', 'dropped')", name="valid_todoist_command_state"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_todoist_commands_task_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_todoist_commands_twin_id"),
        sa.PrimaryKeyConstraint("uuid", name="pk_todoist_commands"),
    )
    op.create_index(
        "ix_todoist_commands_new",
        "todoist_commands",
        ["twin_id", "number"],
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_index("ix_todoist_commands_task_id", "todoist_commands", ["task_id"])


def _create_todoist_runs() -> None:
    op.create_table(
        "todoist_runs",
        sa.Column("id", sa.Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'running'"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("drift", JSONB(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("lost", JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('sync', 'reconcile')", name="valid_todoist_run_kind"),
        sa.CheckConstraint("state IN ('running', 'done', 'failed', 'blocked')", name="valid_todoist_run_state"),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_todoist_runs_twin_id"),
        sa.PrimaryKeyConstraint("id", name="pk_todoist_runs"),
    )
    op.create_index("ix_todoist_runs_twin_id_started_at", "todoist_runs", ["twin_id", "started_at"])


def downgrade() -> None:
    """Take the change back."""
    for table in ("todoist_runs", "todoist_commands", "todoist_projects", "todoist_links", "todoist_accounts"):
        op.drop_table(table)
