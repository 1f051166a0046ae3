"""The new version finds every variable that it does not start without."""

from gonogo import places
from gonogo.model import Config, Facts, Finding, Needs, Severity, Variable

_RULE = "variables-are-there"
# What Coolify puts into every container by itself.
_INJECTED = {
    "SOURCE_COMMIT",
    "COOLIFY_URL",
    "COOLIFY_FQDN",
    "COOLIFY_BRANCH",
    "COOLIFY_RESOURCE_UUID",
    "COOLIFY_CONTAINER_NAME",
    "HOST",
    "PORT",
}


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block on variables that the target's services need and Coolify does not hand them."""
    declared, platform = facts.declared, facts.platform
    if declared is None:
        message = (
            "the project does not say which variables a release needs: a missing one would show only when the new "
            "container does not start"
        )
        hint = "name a command that prints them: commands.settings in gonogo.toml (docs/checks.md)"
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)
    if declared.problem:
        message = f"the release cannot say which variables it needs: {declared.problem}"
        hint = f"try it in this tree: {' '.join(config.commands.settings)}".replace("{python}", "python")
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)
    handed = {
        "api": (platform.api.name, platform.api_variables),
        "worker": (platform.worker.name, platform.worker_variables),
    }
    found = tuple(
        finding
        for service, needs in declared.services.items()
        if service in handed
        for finding in _service(needs, *handed[service])
    )
    hidden = [name for name, variables in handed.values() if variables is None]
    if hidden:
        found += (_hidden(config, hidden),)
    return found or (_fine(),)


def _service(needs: Needs, name: str, variables: tuple[Variable, ...] | None) -> tuple[Finding, ...]:
    """Judge one application."""
    if variables is None:
        return ()
    running = {each.key for each in variables if each.is_runtime} | _INJECTED
    building = {each.key for each in variables} - running
    missing = [_missing(key, building, "") for key in needs.required if key not in running]
    missing += [
        _missing(key, building, f", needed with {given}")
        for given, keys in needs.together.items()
        if given in running
        for key in keys
        if key not in running
    ]
    if not missing:
        return ()
    message = f"{name} would not start, and the release would be undone: {', '.join(missing)}"
    hint = f"add them to {name} ({places.VARIABLES}), available at runtime, then release again"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)


def _missing(key: str, building: set[str], why: str) -> str:
    """Return what is wrong with a variable."""
    return f"{key} is there at build time only{why}" if key in building else f"{key} is not set{why}"


def _hidden(config: Config, names: list[str]) -> Finding:
    """Return what cannot be foreseen without reading."""
    token = config.target.coolify_token.name
    message = f"{token} may not read the variables of {' and '.join(names)}: a missing one cannot be foreseen"
    hint = "in Coolify: Keys & Tokens, a token with read"
    return Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint)


def _fine() -> Finding:
    """Return what was seen, and what cannot be."""
    message = "every variable that the release needs is set; whether one holds a placeholder cannot be seen from here"
    return Finding(rule=_RULE, severity=Severity.INFO, message=message)
