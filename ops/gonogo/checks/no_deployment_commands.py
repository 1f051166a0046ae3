"""What a deployment runs beside the service runs at the wrong moment."""

import re

from gonogo import places
from gonogo.model import Application, Config, Facts, Finding, Severity

_RULE = "no-deployment-commands"
_WHAT = {
    "pre_deployment_command": "in the old version's container before the swap, and up to three times when it meets "
    "words like `connection refused`; the deployment fails if it does",
    "post_deployment_command": "after Coolify has said `finished`, in the new container or, if that was unhealthy, in "
    "the old one; its failure would be ignored",
}
_MIGRATES = re.compile(r"alembic|migrat|upgrade|flyway|liquibase|db[: _-]?push|schema", re.IGNORECASE)


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block commands that look like migrations; advise on any other."""
    del config
    applications = (facts.platform.api, facts.platform.worker)
    found = tuple(finding for app in applications for name in _WHAT for finding in _command(app, name))
    if found:
        return found
    if not all(name in app.settings for app in applications for name in _WHAT):
        message = "Coolify does not say whether it runs commands with a deployment"
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    return (Finding(rule=_RULE, severity=Severity.INFO, message="no pre- or post-deployment command"),)


def _command(application: Application, name: str) -> tuple[Finding, ...]:
    """Judge one of them; its words may hold a secret and are not shown."""
    command = str(application.settings.get(name) or "").strip()
    if not command:
        return ()
    if found := _MIGRATES.search(command):
        message = (
            f"{application.name}: {name} looks like a migration ({found[0].lower()}): it would run {_WHAT[name]}; "
            "the release's own migrate step runs them once, from the target's checkout"
        )
        return (_finding(Severity.BLOCK, message, name),)
    return (_finding(Severity.ADVISE, f"{application.name}: {name} would run {_WHAT[name]}", name),)


def _finding(severity: Severity, message: str, name: str) -> Finding:
    """Return a finding with where to clear the command."""
    return Finding(rule=_RULE, severity=severity, message=message, hint=f"clear {places.of(name)}")
