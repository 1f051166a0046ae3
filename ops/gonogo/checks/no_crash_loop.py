"""What runs now stays up: it is what a rollback would bring back."""

from gonogo import places
from gonogo.model import Application, Config, Facts, Finding, Severity

_RULE = "no-crash-loop"
_MANY = 3


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Advise on containers that restart again and again; Coolify's count may lag, and may miss them."""
    found = tuple(each for app in (facts.platform.api, facts.platform.worker) for each in _looping(config, app))
    if found:
        return found
    return (Finding(rule=_RULE, severity=Severity.INFO, message="Coolify has seen no container restart repeatedly"),)


def _looping(config: Config, application: Application) -> tuple[Finding, ...]:
    """Judge one application by its restarts and its status, a cache that lags."""
    state = application.status.partition(":")[0]
    restarts = application.restart_count
    if restarts < _MANY and state != "restarting":
        return ()
    allowed = application.settings.get("max_restart_count")
    limit = f", and Coolify stops it at {allowed}" if isinstance(allowed, int) and allowed > 0 else ""
    message = (
        f"{application.name}: restarted {restarts} times since its last good deployment, now {application.status}"
        f"{limit}: a rollback would bring back a version that crashes"
    )
    hint = f"read its log in Coolify; invoke health.check --env {config.target.name}"
    if limit:
        hint = f"{hint}; {places.of('max_restart_count')}"
    return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)
