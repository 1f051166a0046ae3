"""Exclusion."""

# expected: exclusion-constraint
from alembic import op

revision = "exclusion"
down_revision = "base"


def upgrade() -> None:
    op.execute("ALTER TABLE bookings ADD CONSTRAINT no_overlap EXCLUDE USING gist (room WITH =, during WITH &&)")


def downgrade() -> None:
    op.execute("ALTER TABLE bookings DROP CONSTRAINT no_overlap")
