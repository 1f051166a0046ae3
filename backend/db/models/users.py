"""The people who use the assistant."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class User(Model):
    """A person; without access once revoked.

    Attributes:
        timezone: The IANA zone in which their "today" begins.
    """

    __tablename__ = "users"

    id: Mapped[Identifier]
    email: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[CreatedAt]
    revoked_at: Mapped[datetime | None]
    timezone: Mapped[str] = mapped_column(server_default=text("'UTC'"))
