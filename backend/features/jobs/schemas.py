"""What comes in and goes out about jobs."""

from datetime import datetime
from typing import Annotated, Literal, get_args
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.web.cursors import CURSOR_MAX
from backend.web.queries import StrictQuery

PAGE_MAX = 100
# failed is what a previous release wrote for dead.
Status = Literal["queued", "running", "done", "failed", "dead", "cancelled"]


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
    build_id: str | None = Field(default=None, description="Which build of the commit; null when it was not told.")
    found_by: str | None = Field(
        default=None, description="`message` when Redis told the worker of it, else `polling`; null for older jobs."
    )


class JobOrigin(BaseModel):
    """Which process has queued a job."""

    model_config = ConfigDict(frozen=True)

    commit: str
    build_id: str | None = None
    replica: str | None = None


class JobProgress(BaseModel):
    """How far a job says that it is."""

    model_config = ConfigDict(frozen=True)

    percent: Annotated[int, Field(ge=0, le=100)]
    note: str


class JobOut(BaseModel):
    """A job as its owner sees it; `next_try_at` is set while it waits."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    id: UUID
    kind: str
    # Any word: after a rollback this build reads what a newer one has written.
    status: str = Field(
        description="One of the words below; a newer release may have written another one.",
        examples=[*get_args(Status)],
    )
    priority: int
    attempts: int
    max_attempts: int
    progress: JobProgress | None
    error: str | None
    created_at: datetime
    run_at: datetime | None
    next_try_at: datetime | None
    finished_at: datetime | None
    result: JobResult | None
    origin: JobOrigin | None = Field(default=None, description="Which process has queued it; of canaries alone.")


class JobsQuery(StrictQuery):
    """Which of your jobs to list."""

    status: list[Status] = Field(default=[], description="Only jobs in one of these states; all by default.")
    kind: str | None = Field(
        default=None, max_length=100, pattern=r"^[a-z0-9_.-]+$", description="Only jobs of this kind."
    )
    limit: int = Field(default=50, ge=1, le=PAGE_MAX, description="Jobs on one page.")
    cursor: str | None = Field(default=None, max_length=CURSOR_MAX, description="`next_cursor` of the page before.")


class JobV1(JobOut):
    """The contract job.v1: one job."""

    contract: Literal["job.v1"] = "job.v1"


class JobPageV1(BaseModel):
    """The contract job-page.v1: some of your jobs, newest first; `next_cursor` is set while there are more."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    contract: Literal["job-page.v1"] = "job-page.v1"
    jobs: list[JobOut]
    next_cursor: str | None
