"""Nobody else is deploying our applications."""

from gonogo.model import Config, Facts, Finding, Severity

_RULE = "no-foreign-deployment"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block while a deployment of ours is queued or in progress that this release did not ask for."""
    del config
    active = facts.platform.active
    if not active:
        return (Finding(rule=_RULE, severity=Severity.INFO, message="no deployment is queued or in progress"),)
    named = ", ".join(f"{each.uuid} ({each.status})" for each in active)
    message = f"Coolify is already deploying: {named}; ours would wait behind it, or be taken for the same"
    hint = "wait for it, or cancel it (in Coolify: Deployments)"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
