"""The health check that Coolify waits for is one that a good container can pass, in time."""

import re

from gonogo import places
from gonogo.model import Application, Config, Facts, Finding, Severity

_RULE = "probe-can-succeed"
# What Coolify allows in a command; anything else it refuses to store, or does not run as it is written.
_COMMAND = re.compile(r"[a-zA-Z0-9 \-_./:=@,+]{1,1000}")
_DEFAULTS = {"health_check_interval": 5, "health_check_retries": 10, "health_check_start_period": 5}


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block probes that cannot succeed; advise on those that say little, or that are too short or too long."""
    api, worker = facts.platform.api, facts.platform.worker
    found = (
        *_api_path(config, api),
        *(each for app in (api, worker) for each in _probe(config, app, is_api=app is api)),
    )
    if found:
        return found
    if not api.settings:
        message = "Coolify does not say what it asks a new container"
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    message = "the probes can be passed, if the images hold curl or wget: that cannot be seen from here"
    return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)


def _probe(config: Config, app: Application, *, is_api: bool) -> tuple[Finding, ...]:
    """Judge one application's probe, where Coolify writes one."""
    if not app.settings.get("health_check_enabled") or not app.rolling:
        return ()
    if app.settings.get("health_check_type") == "cmd":
        return (*_command(app), *_times(config, app))
    return (*_port(app, is_api=is_api), *_times(config, app))


def _api_path(config: Config, api: Application) -> tuple[Finding, ...]:
    """Judge what the API is asked."""
    settings, wanted = api.settings, config.service.ready
    is_http = settings.get("health_check_enabled") and settings.get("health_check_type") != "cmd"
    path = str(settings.get("health_check_path") or "/")
    if not is_http or path.partition("?")[0] == wanted:
        return ()
    message = (
        f"{api.name}: the probe asks {path}, which says that something answers and not that it is ready: a container "
        "without its database would get the requests; one that answers that path with an error would never be taken"
    )
    hint = f"set {places.of('health_check_path')} to {wanted}"
    return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)


def _port(app: Application, *, is_api: bool) -> tuple[Finding, ...]:
    """Judge where an HTTP probe asks."""
    port, exposed = app.settings.get("health_check_port"), str(app.settings.get("ports_exposes") or "")
    listed = [each.strip() for each in exposed.split(",") if each.strip()]
    if not port and not listed:
        message = (
            f"{app.name}: an HTTP probe with no port to ask: Coolify would write none, look for its result, and end "
            "the deployment as failed with the old container running"
        )
        hint = f"{places.of('health_check_type')}: cmd, or switch health_check_enabled off"
        return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
    asked = str(port or listed[0])
    if not is_api:
        message = f"{app.name}: an HTTP probe of a worker passes only if it listens on port {asked}; else it would fail"
        hint = f"{places.of('health_check_type')}: cmd, with a health_check_command"
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)
    if listed and asked not in listed:
        message = f"{app.name}: the probe asks port {asked}, and the application exposes {exposed}: it may never pass"
        hint = f"clear {places.of('health_check_port')}, or set it to {listed[0]}"
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)
    return ()


def _command(app: Application) -> tuple[Finding, ...]:
    """Judge a probe that is a command."""
    command = str(app.settings.get("health_check_command") or "")
    if _COMMAND.fullmatch(command):
        return ()
    odd = "".join(sorted(set(re.sub(_COMMAND, "", command)))) or "more than 1000 characters"
    what = f"holds {odd}, which Coolify does not allow there" if command else "is empty"
    message = f"{app.name}: the probe is a command that {what}: the new container could not be found healthy"
    hint = f"{places.of('health_check_command')}: letters, digits, spaces and - _ . / : = @ , + alone, say a script"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)


def _times(config: Config, app: Application) -> tuple[Finding, ...]:
    """Hold how long Coolify waits against how long the service takes and how long a release waits."""
    limits = config.target.limits
    start, longest = _seconds(app, "health_check_start_period"), _longest_s(app)
    if longest < limits.start_s:
        message = (
            f"{app.name}: Coolify would give a new container up after about {longest:g} s; it may need "
            f"{limits.start_s:g} s (limits.start_s)"
        )
        hint = f"raise {places.of('health_check_retries')}, or health_check_start_period"
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)
    if longest <= limits.deploy_timeout_s:
        return ()
    is_sure = start >= limits.deploy_timeout_s
    waits = f"waits {start:g} s before it looks" if is_sure else f"may wait {longest:g} s for health"
    message = (
        f"{app.name}: Coolify {waits}, and the release gives a deployment up after {limits.deploy_timeout_s:g} s "
        "(limits.deploy_timeout_s): it would be undone while Coolify is still at it"
    )
    hint = f"lower {places.of('health_check_start_period')}, or raise limits.deploy_timeout_s"
    severity = Severity.BLOCK if is_sure else Severity.ADVISE
    return (Finding(rule=_RULE, severity=severity, message=message, hint=hint),)


def _longest_s(app: Application) -> float:
    """Return the longest that Coolify waits for health."""
    tries = _seconds(app, "health_check_retries") * _seconds(app, "health_check_interval")
    return _seconds(app, "health_check_start_period") + tries


def _seconds(app: Application, name: str) -> float:
    """Return one of the probe's numbers; Coolify's default where it is not known."""
    given = app.settings.get(name)
    return float(given) if isinstance(given, int | float) else _DEFAULTS[name]
