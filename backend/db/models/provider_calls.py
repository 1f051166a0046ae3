"""What was asked of a provider, how it ended, and what it cost; never what was said."""

from uuid import UUID

from sqlalchemy import Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Model


class ProviderCall(Model):
    """One operation that a provider was asked for.

    Attributes:
        twin_id: For whom; None for the service itself.
        operation: extract_structured_updates, rewrite_plan or answer_query.
        outcome: ok, or the reason why the built-in rules answered.
        model: The model that the provider says it used; None without an answer.
        milliseconds: How long it took, attempts and pauses included.
    """

    __tablename__ = "provider_calls"
    __table_args__ = (Index("ix_provider_calls_at", "at"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[CreatedAt]
    twin_id: Mapped[UUID | None]
    operation: Mapped[str]
    outcome: Mapped[str]
    model: Mapped[str | None]
    attempts: Mapped[int]
    input_tokens: Mapped[int | None]
    output_tokens: Mapped[int | None]
    milliseconds: Mapped[int]
