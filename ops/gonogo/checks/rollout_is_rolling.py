"""The old container serves until the new one is healthy."""

from gonogo import places
from gonogo.model import Application, Config, Facts, Finding, Severity

_RULE = "rollout-is-rolling"
_GRACE_S = 30


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block an API that stops before it starts, unless the environment allows it; advise on such a worker."""
    api, worker = facts.platform.api, facts.platform.worker
    found = (*_api(config, api), *_worker(worker))
    return found or (Finding(rule=_RULE, severity=Severity.INFO, message="both applications roll: new beside old"),)


def _api(config: Config, api: Application) -> tuple[Finding, ...]:
    """Say what users would see of an API that stops first."""
    if api.rolling:
        return ()
    message = (
        f"{api.name}: {api.why_not_rolling} makes Coolify stop the old container first: every request would fail from "
        f"its stop (up to {_grace_s(api):g} s) until a new one is ready (about {config.target.limits.start_s:g} s), "
        "and if it does not start nothing runs; a rollback costs the same again"
    )
    if config.target.allow_stop_first:
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=f"{message}; allow_stop_first accepts that"),)
    hint = f"{_remedy(api)}; or accept it: allow_stop_first = true in [environments.{config.target.name}]"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)


def _worker(worker: Application) -> tuple[Finding, ...]:
    """Say what jobs would see of a worker that stops first."""
    if worker.rolling:
        return ()
    message = (
        f"{worker.name}: {worker.why_not_rolling} makes Coolify stop the old container first: jobs would wait for up "
        f"to {_grace_s(worker):g} s and the new one's start, and if it does not start nobody runs them"
    )
    return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=_remedy(worker)),)


def _remedy(application: Application) -> str:
    """Return the setting to change, and where it is."""
    why = application.why_not_rolling
    setting = next((name for name in _SETTINGS if name in why), "")
    return f"clear {places.of(setting)}" if setting else f"remove {why}"


_SETTINGS = (
    "ports_mappings",
    "is_consistent_container_name_enabled",
    "custom_internal_name",
    "custom_docker_run_options",
)


def _grace_s(application: Application) -> float:
    """Return the longest that Coolify waits for a container to stop."""
    given = application.settings.get("stop_grace_period")
    return float(given) if isinstance(given, int | float) else _GRACE_S
