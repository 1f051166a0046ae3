"""What comes in and goes out about Todoist."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from backend.web.queries import StrictQuery

State = Literal["not_connected", "idle", "pending", "running", "failing", "blocked"]


class ReconcileQuery(StrictQuery):
    """How to reconcile."""

    confirm: bool = Field(default=False, description="Go on although many tasks are gone in Todoist.")


class SyncQueued(BaseModel):
    """A sync or a reconcile that is queued, or was already."""

    model_config = ConfigDict(frozen=True)

    job_id: UUID
    status_url: str


class LostChange(BaseModel):
    """A change made here that gave way to one made in Todoist."""

    model_config = ConfigDict(frozen=True)

    task_id: UUID
    field: str
    lost: Any
    kept: Any


class RunOut(BaseModel):
    """One sync or reconcile; `conflicts` holds not more than 100 of those that `counts` counts."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    job_id: UUID | None
    state: Literal["running", "done", "failed", "blocked"]
    started_at: datetime
    finished_at: datetime | None
    counts: dict[str, int]
    drift: dict[str, int]
    conflicts: list[LostChange]
    error: str | None


class TodoistCounts(BaseModel):
    """How many there are now."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    linked: int
    unlinked: int
    pending_commands: int
    refused_commands: int


class TodoistStatusV1(BaseModel):
    """The contract todoist-status.v1: how both sides stand, and what a person should know."""

    model_config = ConfigDict(frozen=True)

    contract: Literal["todoist-status.v1"] = "todoist-status.v1"
    state: State
    last_sync: RunOut | None = None
    last_reconcile: RunOut | None = None
    last_success_at: datetime | None = None
    counts: TodoistCounts | None = None
    drift: dict[str, int] = {}
    errors: list[str] = []
    next_sync_at: datetime | None = None
    next_reconcile_at: datetime | None = None
