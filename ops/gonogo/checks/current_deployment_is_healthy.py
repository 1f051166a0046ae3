"""A release starts from something that works and can be gone back to."""

from gonogo.model import Config, Facts, Finding, Severity

_RULE = "current-deployment-is-healthy"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block when the service is not ready, its version is unknown, or no worker of that version beats."""
    return _api(config, facts) + _worker(config, facts)


def _api(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Look at the API's ready probe."""
    ready = facts.ready
    url = config.target.api_url
    if not ready.ready:
        message = f"{url} is not ready (HTTP {ready.status_code or 'nothing'}): {ready.detail}"
        hint = f"invoke health.check --env {config.target.name}"
        return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
    if not ready.commit:
        message = f"{url} does not say which commit it was built from: there would be nothing to go back to"
        hint = "deploy an image that carries build.json"
        return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
    message = f"API ready on {ready.commit[:12]} in {ready.ms:.0f} ms"
    return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)


def _worker(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Look at the workers' heartbeats."""
    limit = config.target.limits.worker_beat_s
    beating = [beat for beat in facts.workers if beat.state == "running" and beat.age_s <= limit]
    if not beating:
        message = f"no worker heartbeat in the last {limit:g} s: jobs are not being run"
        hint = f"invoke health.check --env {config.target.name}"
        return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
    commits = {beat.commit for beat in beating}
    if commits != {facts.ready.commit}:
        named = ", ".join(sorted(commit[:12] for commit in commits))
        message = f"workers run {named}, the API another version: an earlier release was left half-way"
        hint = f"invoke deploy.status --env {config.target.name}"
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)
    message = f"{len(beating)} worker{'s' if len(beating) > 1 else ''} beating"
    return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
