"""A stopping worker may end what it is at, and a release does not wait for longer than it means to."""

from gonogo import places
from gonogo.model import Application, Config, Facts, Finding, Severity

_RULE = "stop-grace-fits"
_NAME = "stop_grace_period"
_DEFAULT_S = 30.0


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Advise on a grace period that kills jobs under way, or that outlasts the release's patience."""
    limits, worker = config.target.limits, facts.platform.worker
    found = []
    if _grace_s(worker) < limits.worker_drain_s:
        message = (
            f"{worker.name}: Coolify would kill the old worker {_grace_s(worker):g} s after asking it to stop, and it "
            f"may need {limits.worker_drain_s:g} s (limits.worker_drain_s): jobs under way would be cut off"
        )
        hint = f"raise {places.of(_NAME)} above {limits.worker_drain_s:g}"
        found.append(Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint))
    for app in (facts.platform.api, worker):
        if _grace_s(app) >= limits.deploy_timeout_s:
            message = (
                f"{app.name}: a stop may take {_grace_s(app):g} s, and the release gives a deployment up after "
                f"{limits.deploy_timeout_s:g} s (limits.deploy_timeout_s): it would be undone while Coolify waits"
            )
            hint = f"lower {places.of(_NAME)}, or raise limits.deploy_timeout_s"
            found.append(Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint))
    if found:
        return tuple(found)
    message = f"a stopping worker has {_grace_s(worker):g} s, and takes {limits.worker_drain_s:g} s at most"
    return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)


def _grace_s(application: Application) -> float:
    """Return the longest that Coolify waits for a container to stop."""
    given = application.settings.get(_NAME)
    return float(given) if isinstance(given, int | float) else _DEFAULT_S
