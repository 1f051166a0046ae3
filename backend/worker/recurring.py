"""The recurring jobs of this build, as the settings want them."""

from backend.core.environment import Environment
from backend.features.jobs import jobs as job_jobs
from backend.features.todoist.service.requests import RECONCILE, SYNC
from backend.jobs.schedules import Schedule


def declared(environment: Environment) -> tuple[Schedule, ...]:
    """Return what recurs.

    Args:
        environment: The settings.
    """
    payload = {"days": environment.job_retention_days, "dead_days": environment.job_dead_retention_days}
    name = job_jobs.RETENTION
    retention = Schedule(name=name, kind=name, cron=environment.job_retention_cron, payload=payload)
    return (retention, *_todoist(environment))


def _todoist(environment: Environment) -> tuple[Schedule, ...]:
    if environment.todoist_api_token is None:
        return ()
    # Of nobody's: whose account it is may change with the settings, and is looked up when the job runs.
    crons = {SYNC: environment.todoist_sync_cron, RECONCILE: environment.todoist_reconcile_cron}
    return tuple(Schedule(name=kind, kind=kind, cron=cron) for kind, cron in crons.items())
