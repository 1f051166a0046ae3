"""What has been changed in Coolify since the last release is released along with this one."""

import re
from collections.abc import Iterator, Mapping

from gonogo import places
from gonogo.model import (
    JSON,
    Application,
    AppSnapshot,
    Config,
    Facts,
    Finding,
    Pin,
    PinKind,
    Severity,
    Variable,
    version_of,
)

_RULE = "setup-is-unchanged"
# A value that can be shown; anything longer or odder may hold a secret.
_PLAIN = re.compile(r"[A-Za-z0-9_./:-]{0,60}")
# What a new application says, and what is put back for a release by hand.
_NEWEST = Pin.of_commit("HEAD")
# What changes by itself.
_OWN = {"restart_count", "status"}


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Advise on each setting, each variable and each version that is another one than the last release left."""
    last, platform = facts.last, facts.platform
    if last is None or (last.api.uuid, last.worker.uuid) != (platform.api.uuid, platform.worker.uuid):
        message = "no earlier release of these applications recorded how it left them: changes cannot be told"
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    found = [*_version(config, last.commit, facts.previous_commit)]
    pairs = (
        (last.api, platform.api, platform.api_variables),
        (last.worker, platform.worker, platform.worker_variables),
    )
    for before, now, variables in pairs:
        found += [*_pin(before, now), *_settings(before, now), *_variables(before, now, variables)]
    if found:
        return tuple(Finding(rule=_RULE, severity=Severity.ADVISE, message=said, hint=hint) for said, hint in found)
    message = "settings and variables are as the last release left them, as far as they can be compared"
    return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)


# A message, and its hint.
_Said = tuple[str, str]


def _version(config: Config, before: str, now: str | None) -> Iterator[_Said]:
    """Tell a version that no release here brought."""
    if now and before and now != before:
        message = (
            f"{version_of(now)} serves, the last release left {version_of(before)}: somebody deployed without one; "
            "a rollback would go back to what serves now"
        )
        yield message, f"invoke deploy.history --env {config.target.name}"


def _pin(before: AppSnapshot, now: Application) -> Iterator[_Said]:
    """Tell another commit, tag or digest to deploy."""
    if before.pin == now.pin or not before.pin.ref or now.pin == _NEWEST:
        return
    name = "git_commit_sha" if now.pin.kind is PinKind.COMMIT else "docker_registry_image_tag"
    message = f"{now.name}: {name} was {before.pin.ref[:20]}, is {now.pin.ref[:20]}; the release sets it to its own"
    yield message, f"find out who set {places.of(name)}"


def _settings(before: AppSnapshot, now: Application) -> Iterator[_Said]:
    """Tell each setting that is another one; one that only one side knows is a newer client, not a change."""
    for name in sorted(set(before.settings) & set(now.settings) - _OWN):
        was, is_now = before.settings[name], now.settings[name]
        if was != is_now:
            told = f"was {_shown(was)}, is {_shown(is_now)}" if _shown(was) and _shown(is_now) else "was changed"
            yield (
                f"{now.name}: {name} {told}; this release's deployment is the first to use it",
                f"put {places.of(name)} back if nobody meant it",
            )


def _variables(before: AppSnapshot, now: Application, variables: tuple[Variable, ...] | None) -> Iterator[_Said]:
    """Tell which variables are new, gone or of another value; values that nobody may read are not compared."""
    if variables is None or not before.variables:
        return
    have = {each.key: each.fingerprint for each in variables}
    sorts: Mapping[str, list[str]] = {
        "added": sorted(set(have) - set(before.variables)),
        "removed": sorted(set(before.variables) - set(have)),
        "changed": sorted(key for key, was in before.variables.items() if was and have.get(key) not in {None, was}),
    }
    for what, names in sorts.items():
        if names:
            yield (
                f"{now.name}: variables {what} since the last release: {', '.join(names)}; this one deploys with them",
                f"look at them ({places.VARIABLES}); a rollback deploys with them too",
            )


def _shown(value: JSON) -> str:
    """Return a value that can be shown; empty when it may hold a secret."""
    text = (
        {None: "unset", True: "on", False: "off", "": "empty"}.get(value)
        if isinstance(value, str | bool | None)
        else None
    )
    if text:
        return text
    return str(value) if _PLAIN.fullmatch(str(value)) else ""
