"""What happened to each job, in order; only ever added to, and removed with its job."""

from uuid import UUID

from sqlalchemy import Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from backend.db.models.schema import CreatedAt, Model


class JobLog(Model):
    """One thing that happened to a job.

    Attributes:
        job_id: The job. No foreign key: two entries per run would each look the job up once more.
        attempt: Which run of it, from 1; 0 before the first.
        event: started, alone, done, failed, dead, lost, handed_back, cancelled, retried or progress.
        worker_id: The worker that ran it; None when a person did it.
        detail: What went wrong or was said, for people.
    """

    __tablename__ = "job_logs"
    __table_args__ = (Index("ix_job_logs_job_id_id", "job_id", "id"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    job_id: Mapped[UUID]
    at: Mapped[CreatedAt]
    attempt: Mapped[int]
    event: Mapped[str]
    worker_id: Mapped[str | None]
    detail: Mapped[str | None]
