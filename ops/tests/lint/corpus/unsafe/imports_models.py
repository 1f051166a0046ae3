"""Imports models."""

# expected: imports-application
import sqlalchemy as sa
from alembic import op
from app.models import User
from sqlalchemy.orm import Session

revision = "imports_models"
down_revision = "base"


def upgrade() -> None:
    bind = op.get_bind()
    with Session(bind=bind) as session:
        session.execute(sa.select(User.id).limit(1))
    op.create_table("notes", sa.Column("id", sa.BigInteger(), primary_key=True))


def downgrade() -> None:
    op.drop_table("notes")
