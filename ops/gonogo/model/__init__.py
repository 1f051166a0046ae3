"""The frozen records that rooms hand to each other, and the enums with the field's terms.

May not do I/O, and no default may look at the world.
"""

from gonogo.model.entries import Entry, Finding, Holder
from gonogo.model.jobs import JobLine, QueuedJob, QueueFacts, QueueRow
from gonogo.model.observed import (
    Application,
    Backup,
    Checkout,
    Deployment,
    History,
    JobState,
    Readiness,
    Request,
    Revision,
    Suite,
    WorkerBeat,
)
from gonogo.model.release import (
    DatabaseFacts,
    Facts,
    GitFacts,
    Plan,
    PlannedStep,
    PlatformFacts,
    Report,
    StepReport,
)
from gonogo.model.settings import (
    Artifact,
    Commands,
    Config,
    Limits,
    Project,
    Secret,
    ServicePaths,
    Target,
    TelegramTarget,
    Webhook,
)
from gonogo.model.telegram import BotSeen, Sight, WebhookSeen, WebhookWish
from gonogo.model.terms import JSON, EntryKind, Notes, Severity, StepStatus, Verdict, version_of
from gonogo.model.tokens import TokenLine

__all__ = [
    "JSON",
    "Application",
    "Artifact",
    "Backup",
    "BotSeen",
    "Checkout",
    "Commands",
    "Config",
    "DatabaseFacts",
    "Deployment",
    "Entry",
    "EntryKind",
    "Facts",
    "Finding",
    "GitFacts",
    "History",
    "Holder",
    "JobLine",
    "JobState",
    "Limits",
    "Notes",
    "Plan",
    "PlannedStep",
    "PlatformFacts",
    "Project",
    "QueueFacts",
    "QueueRow",
    "QueuedJob",
    "Readiness",
    "Report",
    "Request",
    "Revision",
    "Secret",
    "ServicePaths",
    "Severity",
    "Sight",
    "StepReport",
    "StepStatus",
    "Suite",
    "Target",
    "TelegramTarget",
    "TokenLine",
    "Verdict",
    "Webhook",
    "WebhookSeen",
    "WebhookWish",
    "WorkerBeat",
    "version_of",
]
