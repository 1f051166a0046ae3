"""What goes out of plan."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Source = Literal["fallback", "provider"]


class PlanItem(BaseModel):
    """A task's place in the day; `priority`, `estimate_minutes` and `reason` are the plan's."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    task_id: UUID
    title: str
    priority: Annotated[int, Field(ge=1, le=4)]
    estimate_minutes: int | None
    due_on: date | None
    due_at: datetime | None
    reason: str
    source: Source


class PlanV1(BaseModel):
    """The contract plan.v1: a day, in order; tasks that are done or deleted since are left out.

    It is stale when a task has changed since it was made; `POST /v1/plan/refresh` makes another one.
    """

    model_config = ConfigDict(frozen=True, from_attributes=True)

    contract: Literal["plan.v1"] = "plan.v1"
    day: date
    timezone: str
    generated_at: datetime
    source: Source
    reason: str | None
    is_stale: bool
    items: list[PlanItem]


class PlanRefreshV1(BaseModel):
    """The contract plan-refresh.v1: the job that plans the day, and where its status is."""

    model_config = ConfigDict(frozen=True)

    contract: Literal["plan-refresh.v1"] = "plan-refresh.v1"
    day: date
    job_id: UUID
    status_url: str
