"""People that thoughts speak of."""

from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class Person(Model):
    """A person whom a twin's thoughts name.

    Attributes:
        key: The name without regard to case and blanks; unique in its twin.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("twin_id", "key", name="uq_people_twin_id_key"),)

    id: Mapped[Identifier]
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    name: Mapped[str]
    key: Mapped[str]
    created_at: Mapped[CreatedAt]
