"""Add what is known of a twin: projects, people, tasks, and what thoughts hold beside them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

kind = "expand"
reversible = True

NOW = sa.func.now()
NEW_ID = sa.func.gen_random_uuid()


def upgrade() -> None:
    """Apply the change."""
    _create_projects()
    _create_people()
    _create_tasks()
    _index_tasks()
    _create_findings()


def _create_projects() -> None:
    op.create_table(
        "projects",
        sa.Column("id", sa.Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_projects_twin_id"),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("twin_id", "key", name="uq_projects_twin_id_key"),
    )


def _create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_people_twin_id"),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("twin_id", "key", name="uq_people_twin_id_key"),
    )


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.Column("thought_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("notes", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("priority", sa.BigInteger(), server_default=sa.text("4"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_zone", sa.Text(), nullable=True),
        sa.Column("recurrence", sa.Text(), nullable=True),
        sa.Column("estimate_minutes", sa.BigInteger(), nullable=True),
        sa.Column("labels", ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=NOW, nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("source IN ('capture', 'todoist', 'manual')", name="valid_task_source"),
        sa.CheckConstraint("status IN ('open', 'done', 'deleted')", name="valid_task_status"),
        sa.CheckConstraint("due_at IS NULL OR due_on IS NOT NULL", name="valid_task_due"),
        sa.CheckConstraint("priority BETWEEN 1 AND 4", name="valid_task_priority"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_tasks_project_id"),
        sa.ForeignKeyConstraint(["thought_id"], ["thoughts.id"], name="fk_tasks_thought_id", ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_tasks_twin_id"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
    )


def _index_tasks() -> None:
    op.create_index("ix_tasks_open", "tasks", ["twin_id", "due_on"], postgresql_where=sa.text("status = 'open'"))
    op.create_index("ix_tasks_project_id", "tasks", ["project_id"])
    op.create_index(
        "ix_tasks_search",
        "tasks",
        [sa.text("to_tsvector('english'::regconfig, (title || ' '::text) || notes)")],
        postgresql_using="gin",
    )
    op.create_index("ix_tasks_thought_id", "tasks", ["thought_id"])
    op.create_index("ix_tasks_twin_id_created_at", "tasks", ["twin_id", "created_at", "id"])


def _create_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), server_default=NEW_ID, nullable=False),
        sa.Column("twin_id", sa.Uuid(), nullable=False),
        sa.Column("thought_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("project_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("kind IN ('idea', 'problem', 'date', 'person', 'project')", name="valid_finding_kind"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_findings_person_id"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_findings_project_id"),
        sa.ForeignKeyConstraint(["thought_id"], ["thoughts.id"], name="fk_findings_thought_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["twin_id"], ["twins.id"], name="fk_findings_twin_id"),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
    )
    op.create_index("ix_findings_person_id", "findings", ["person_id"])
    op.create_index("ix_findings_project_id", "findings", ["project_id"])
    op.create_index("ix_findings_thought_id", "findings", ["thought_id"])
    op.create_index("ix_findings_twin_id", "findings", ["twin_id"])


def downgrade() -> None:
    """Take the change back."""
    for table in ("findings", "tasks", "people", "projects"):
        op.drop_table(table)
