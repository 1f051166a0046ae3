"""Bearer tokens, of which only a hash is kept."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Identifier, Model


class ApiToken(Model):
    """A token; valid until it expires or is revoked.

    Attributes:
        scopes: What it is good for: read, write, manage.
        prefix: Its first characters, by which its owner knows it again; None for a token of an earlier release.
    """

    __tablename__ = "api_tokens"
    __table_args__ = (
        CheckConstraint("octet_length(token_hash) = 32", name="valid_token_hash"),
        CheckConstraint("scopes <@ ARRAY['read', 'write', 'manage']", name="valid_token_scopes"),
        Index("ix_api_tokens_user_id", "user_id"),
    )

    id: Mapped[Identifier]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(), unique=True)
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    scopes: Mapped[list[str]] = mapped_column(ARRAY(Text()), server_default=text("ARRAY['read', 'write', 'manage']"))
    prefix: Mapped[str | None]
