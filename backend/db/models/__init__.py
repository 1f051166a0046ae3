"""The tables, one noun per module, on one metadata."""

from backend.db.models.api_tokens import ApiToken
from backend.db.models.findings import Finding
from backend.db.models.job_logs import JobLog
from backend.db.models.job_schedules import JobSchedule
from backend.db.models.jobs import LANE, NO_TWIN, Job
from backend.db.models.people import Person
from backend.db.models.plans import Plan
from backend.db.models.projects import Project
from backend.db.models.provider_calls import ProviderCall
from backend.db.models.schema import Model
from backend.db.models.tasks import Task
from backend.db.models.telegram import TelegramLink, TelegramLinkCode, TelegramMessage, TelegramUpdate
from backend.db.models.thoughts import Thought
from backend.db.models.todoist import TodoistAccount, TodoistCommand, TodoistLink, TodoistProject, TodoistRun
from backend.db.models.twins import Twin
from backend.db.models.users import User
from backend.db.models.worker_heartbeats import WorkerHeartbeat

metadata = Model.metadata

__all__ = [
    "LANE",
    "NO_TWIN",
    "ApiToken",
    "Finding",
    "Job",
    "JobLog",
    "JobSchedule",
    "Model",
    "Person",
    "Plan",
    "Project",
    "ProviderCall",
    "Task",
    "TelegramLink",
    "TelegramLinkCode",
    "TelegramMessage",
    "TelegramUpdate",
    "Thought",
    "TodoistAccount",
    "TodoistCommand",
    "TodoistLink",
    "TodoistProject",
    "TodoistRun",
    "Twin",
    "User",
    "WorkerHeartbeat",
    "metadata",
]
