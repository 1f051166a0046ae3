"""Projects: what tasks are for."""

from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class Project(Model):
    """A project of a twin.

    Attributes:
        key: Its name without regard to case and blanks; unique in its twin.
    """

    __tablename__ = "projects"
    __table_args__ = (UniqueConstraint("twin_id", "key", name="uq_projects_twin_id_key"),)

    id: Mapped[Identifier]
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    name: Mapped[str]
    key: Mapped[str]
    created_at: Mapped[CreatedAt]
