"""What was found in a thought beside tasks: ideas, problems, dates, and whom and what it speaks of."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import Identifier, Model


class Finding(Model):
    """One thing that was found in a thought.

    Attributes:
        kind: idea, problem, date, person or project.
        text: The idea or the problem; for a date what it is about; for a person or a project the name.
        on_day: A date's day, in its owner's zone.
        at: A date's moment, when a time of day was said.
        person_id: The person.
        project_id: The project.
    """

    __tablename__ = "findings"
    __table_args__ = (
        CheckConstraint("kind IN ('idea', 'problem', 'date', 'person', 'project')", name="valid_finding_kind"),
        Index("ix_findings_thought_id", "thought_id"),
        Index("ix_findings_twin_id", "twin_id"),
        Index("ix_findings_person_id", "person_id"),
        Index("ix_findings_project_id", "project_id"),
    )

    id: Mapped[Identifier]
    twin_id: Mapped[UUID] = mapped_column(ForeignKey("twins.id"))
    thought_id: Mapped[UUID] = mapped_column(ForeignKey("thoughts.id", ondelete="CASCADE"))
    kind: Mapped[str]
    text: Mapped[str]
    on_day: Mapped[date | None] = mapped_column(Date())
    at: Mapped[datetime | None]
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    project_id: Mapped[UUID | None] = mapped_column(ForeignKey("projects.id"))
