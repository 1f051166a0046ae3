"""The tables, one per module, on one metadata."""

from backend.db.models.api_tokens import ApiToken
from backend.db.models.job_logs import JobLog
from backend.db.models.job_schedules import JobSchedule
from backend.db.models.jobs import LANE, NO_TWIN, Job
from backend.db.models.schema import Model
from backend.db.models.thoughts import Thought
from backend.db.models.twins import Twin
from backend.db.models.users import User
from backend.db.models.worker_heartbeats import WorkerHeartbeat

metadata = Model.metadata

__all__ = [
    "LANE",
    "NO_TWIN",
    "ApiToken",
    "Job",
    "JobLog",
    "JobSchedule",
    "Model",
    "Thought",
    "Twin",
    "User",
    "WorkerHeartbeat",
    "metadata",
]
