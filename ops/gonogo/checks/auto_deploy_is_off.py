"""Nobody's push deploys over a release."""

from gonogo import places
from gonogo.model import Config, Facts, Finding, Severity

_RULE = "auto-deploy-is-off"
_NAME = "is_auto_deploy_enabled"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Advise on applications that Coolify deploys by itself."""
    del config
    applications = (facts.platform.api, facts.platform.worker)
    on = [app.name for app in applications if app.settings.get(_NAME)]
    if not on and not all(_NAME in app.settings for app in applications):
        message = "Coolify does not say whether a push deploys by itself"
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    if not on:
        return (Finding(rule=_RULE, severity=Severity.INFO, message="a push deploys nothing by itself"),)
    message = (
        f"{' and '.join(on)}: a push during the release would deploy over it, between its steps and without its proofs"
    )
    return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=f"switch {places.of(_NAME)} off"),)
