"""The old container serves until the new one is healthy."""

from gonogo.model import Application, Config, Facts, Finding, Severity

_RULE = "rollout-is-rolling"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block an API that stops before it starts or is never health-checked; advise on such a worker."""
    del config
    api, worker = facts.platform.api, facts.platform.worker
    found = (*_stops_first(api, Severity.BLOCK), *_stops_first(worker, Severity.ADVISE))
    if not api.health_checked:
        message = f"{api.name}: no health check, so a broken container would replace the working one"
        hint = "in Coolify: Health Checks, path /health/ready"
        found = (*found, Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint))
    if found:
        return found
    return (Finding(rule=_RULE, severity=Severity.INFO, message="both applications roll: new beside old"),)


def _stops_first(application: Application, severity: Severity) -> tuple[Finding, ...]:
    """Return a finding when a deployment stops the old container first."""
    if application.rolling:
        return ()
    message = f"{application.name}: {application.why_not_rolling} makes Coolify stop the old container first"
    return (Finding(rule=_RULE, severity=severity, message=message, hint=f"remove {application.why_not_rolling}"),)
