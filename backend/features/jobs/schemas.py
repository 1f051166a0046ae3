"""What goes out about jobs."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class JobQueued(BaseModel):
    """A job that is queued."""

    model_config = ConfigDict(frozen=True)

    job_id: UUID


class JobResult(BaseModel):
    """Who has done a job."""

    model_config = ConfigDict(frozen=True)

    commit: str
    version: str
    worker_id: str


class JobOut(BaseModel):
    """A job as its owner sees it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    kind: str
    status: Literal["queued", "running", "done", "failed"]
    attempts: int
    error: str | None
    created_at: datetime
    finished_at: datetime | None
    result: JobResult | None
