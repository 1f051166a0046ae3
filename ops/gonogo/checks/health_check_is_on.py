"""Coolify looks at a new container before it takes the old one away."""

from gonogo import places
from gonogo.model import Config, Facts, Finding, Severity

_RULE = "health-check-is-on"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block an API without a health check; advise on such a worker."""
    api, worker = facts.platform.api, facts.platform.worker
    found = []
    if not api.health_checked:
        message = (
            f"{api.name}: no health check, so a broken container would replace the working one as soon as it starts, "
            "and requests would fail until the release is rolled back"
        )
        hint = f"switch {places.of('health_check_enabled')} on, path {config.service.ready}"
        found.append(Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint))
    if not worker.health_checked:
        message = (
            f"{worker.name}: no health check, so Coolify would call a worker that crashes at once `finished` and take "
            "the working one away; heartbeats and the canary job would show it, and jobs would wait until it is undone"
        )
        hint = (
            f"a HEALTHCHECK in its Dockerfile, or {places.of('health_check_enabled')} on with "
            "health_check_type cmd and a health_check_command"
        )
        found.append(Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint))
    if found:
        return tuple(found)
    return (Finding(rule=_RULE, severity=Severity.INFO, message="Coolify checks both applications before it swaps"),)
