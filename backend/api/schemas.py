"""The public contracts, by name and version: what callers may rely on."""

from typing import Final

from pydantic import BaseModel

from backend.features.capture.schemas import CaptureV1, ThoughtPageV1, ThoughtV1
from backend.features.jobs.schemas import JobPageV1, JobV1
from backend.features.me.schemas import MeV1
from backend.features.plan.schemas import PlanRefreshV1, PlanV1
from backend.features.query.schemas import QueryV1
from backend.features.tasks.schemas import TaskPageV1, TaskV1
from backend.features.telegram.schemas import TelegramLinkV1, TelegramStatusV1
from backend.features.todoist.schemas import TodoistStatusV1

CONTRACTS: Final[dict[str, type[BaseModel]]] = {
    model.model_fields["contract"].default: model
    for model in (
        CaptureV1,
        JobPageV1,
        JobV1,
        MeV1,
        PlanRefreshV1,
        PlanV1,
        QueryV1,
        TaskPageV1,
        TaskV1,
        TelegramLinkV1,
        TelegramStatusV1,
        TodoistStatusV1,
        ThoughtPageV1,
        ThoughtV1,
    )
}
