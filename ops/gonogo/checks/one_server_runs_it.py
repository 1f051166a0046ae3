"""What Coolify spreads over servers it reports of the first one only."""

from gonogo import places
from gonogo.model import Application, Config, Facts, Finding, Severity

_RULE = "one-server-runs-it"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Advise on further servers and on replicas in a swarm."""
    wait_s = config.target.limits.prove_timeout_s
    applications = (facts.platform.api, facts.platform.worker)
    found = tuple(each for app in applications for each in (*_servers(app, wait_s), *_replicas(app, wait_s)))
    if found:
        return found
    return (Finding(rule=_RULE, severity=Severity.INFO, message="one server runs each application"),)


def _servers(application: Application, wait_s: float) -> tuple[Finding, ...]:
    """Say what further servers do to a release."""
    count = _count(application, "additional_servers_count")
    if count < 1:
        return ()
    message = (
        f"{application.name}: runs on {count} more server{'s' if count > 1 else ''}, where Coolify deploys once it "
        f"has said `finished`: both versions would answer until then, and the proof waits {wait_s:g} s for one"
    )
    hint = (
        f"raise limits.prove_timeout_s above such a deployment's time, or {places.of('additional_servers_count')}: one"
    )
    return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)


def _replicas(application: Application, wait_s: float) -> tuple[Finding, ...]:
    """Say what a swarm does to a release."""
    count = _count(application, "swarm_replicas")
    if count <= 1:
        return ()
    message = (
        f"{application.name}: {count} replicas in a swarm, which Coolify swaps without waiting for them: `finished` "
        f"would come first, and the proof waits {wait_s:g} s for all of them"
    )
    hint = f"raise limits.prove_timeout_s, or lower {places.of('swarm_replicas')}"
    return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)


def _count(application: Application, name: str) -> int:
    """Return one of the numbers; none where Coolify does not say."""
    given = application.settings.get(name)
    return given if isinstance(given, int) else 0
