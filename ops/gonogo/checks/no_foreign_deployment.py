"""Nobody else is deploying our applications, and nobody takes the places that our builds need."""

from collections.abc import Sequence

from gonogo.model import Config, Deployment, Facts, Finding, Severity

_RULE = "no-foreign-deployment"
_SHOWN = 5


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block while a deployment of ours is under way that this release did not ask for; advise on those of others."""
    del config
    found = (*_ours(facts.platform.active), *_others(facts.platform.foreign))
    return found or (Finding(rule=_RULE, severity=Severity.INFO, message="no deployment is queued or in progress"),)


def _ours(active: Sequence[Deployment]) -> tuple[Finding, ...]:
    """Return what is said of our own applications' deployments."""
    if not active:
        return ()
    message = f"Coolify is already deploying: {_named(active)}; ours would wait behind it, or be taken for the same"
    hint = "wait for it, or cancel it (in Coolify: Deployments)"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)


def _others(foreign: Sequence[Deployment]) -> tuple[Finding, ...]:
    """Return what is said of the deployments of the team's other applications."""
    if not foreign:
        return ()
    message = (
        f"Coolify is deploying other applications of the team: {_named(foreign)}; a server builds only so many at once "
        "(concurrent_builds), so ours may wait for a place"
    )
    return (
        Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint="wait for them (in Coolify: Deployments)"),
    )


def _named(deployments: Sequence[Deployment]) -> str:
    """Return deployments with their statuses, the first few of many."""
    named = [f"{each.uuid} ({each.status})" for each in deployments[:_SHOWN]]
    left = len(deployments) - len(named)
    return ", ".join([*named, *([f"{left} more"] if left else [])])
