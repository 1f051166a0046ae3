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
            f"{api.name}: no health check: a broken container would replace the working one, and requests would fail "
            "until the release is undone"
        )
        hint = f"switch {places.of('health_check_enabled')} on, path {config.service.ready}"
        found.append(Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint))
    if not worker.health_checked:
        message = (
            f"{worker.name}: no health check: a worker that crashes at once would replace the working one, and jobs "
            "would wait until the release is undone"
        )
        hint = f"a HEALTHCHECK in its Dockerfile, or {places.of('health_check_enabled')} on, health_check_type cmd"
        found.append(Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint))
    if found:
        return tuple(found)
    return (Finding(rule=_RULE, severity=Severity.INFO, message="Coolify checks both applications before it swaps"),)
