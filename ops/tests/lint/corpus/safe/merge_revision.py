"""Merge revision."""


revision = "merge_revision"
down_revision = "base"


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
