"""Which jobs recur, and when each is next."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import Model


class JobSchedule(Model):
    """A job that recurs.

    Attributes:
        name: What people call it.
        cron: Five fields, as in crontab(5).
        timezone: The IANA zone that the fields are meant in.
        next_at: Its next tick; the worker that moves it on enqueues the tick's job in the same transaction.
        last_at: Its last tick; None before the first.
    """

    __tablename__ = "job_schedules"

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    cron: Mapped[str]
    timezone: Mapped[str]
    payload: Mapped[dict[str, object]] = mapped_column(JSONB())
    twin_id: Mapped[UUID | None] = mapped_column(ForeignKey("twins.id"))
    is_enabled: Mapped[bool] = mapped_column(server_default=true())
    next_at: Mapped[datetime]
    last_at: Mapped[datetime | None]
