"""What a rollback restores of an earlier release, and what it cannot: both held against what is there now. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from gonogo import artifacts
from gonogo.model import AppSnapshot, Finding, Severity, Snapshot

_RULE = "rollback-restores"
_LONGEST = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """What has changed since an earlier release.

    Attributes:
        lost_variables: variables that it was handed and would not be handed now, each with its application.
        unsaid: what could not be found out, a sentence each.
        findings: what is restored, what is not, and where to change it.
    """

    lost_variables: tuple[str, ...]
    unsaid: tuple[str, ...]
    findings: tuple[Finding, ...]


def between(then: Snapshot | None, now: Snapshot) -> Difference:
    """Return what differs between a release as it was left, None where nobody wrote it down, and what is there now."""
    if then is None:
        message = "nobody wrote down how the earlier release was set up: what has changed since is not known"
        hint = "in Coolify, of both applications: compare Environment Variables and Configuration with what it needs"
        return Difference(lost_variables=(), unsaid=(), findings=(_advice(message, hint),))
    pairs = (("API", then.api, now.api), ("worker", then.worker, now.worker))
    return Difference(
        lost_variables=tuple(f"{key} ({name})" for name, old, new in pairs for key in _lost(old, new)),
        unsaid=tuple(_untold(name) for name, old, new in pairs if _is_untold(old, new)),
        findings=tuple(finding for name, old, new in pairs for finding in _findings(name, old, new)),
    )


def _findings(name: str, then: AppSnapshot, now: AppSnapshot) -> Iterator[Finding]:
    """Yield what is restored of one application, and what is not."""
    restored = f"{name}: {artifacts.words(then.pin)} is deployed again"
    yield Finding(rule=_RULE, severity=Severity.INFO, message=restored)
    yield from _variables(name, then, now)
    moved = {key: old for key, old in then.settings.items() if key in now.settings and now.settings[key] != old}
    changed = [f"{key} was {_shown(old)}, is {_shown(now.settings[key])}" for key, old in moved.items()]
    if changed:
        message = f"{name}: settings have changed since, and stay as they are: {'; '.join(changed)}"
        yield _advice(message, f"in Coolify: the {name}'s Configuration, and put back what it needs")


def _variables(name: str, then: AppSnapshot, now: AppSnapshot) -> Iterator[Finding]:
    """Yield what differs in one application's variables; their values are never known here."""
    page = f"in Coolify: the {name}'s Environment Variables"
    if _is_untold(then, now):
        yield _advice(_untold(name), page)
        return
    if lost := _lost(then, now):
        yield _advice(f"{name}: gone since: {', '.join(lost)}", f"{page}, and add them again before")
    if changed := _changed(then, now):
        message = f"{name}: another value since, which stays: {', '.join(changed)}"
        yield _advice(message, f"{page}, and put the old value in")
    if unread := sorted(key for key in then.variables if key in now.variables and _is_unread(key, then, now)):
        message = f"{name}: whether their value has changed cannot be said: {', '.join(unread)}"
        yield Finding(rule=_RULE, severity=Severity.INFO, message=message)
    if added := sorted(now.variables.keys() - then.variables.keys()):
        message = f"{name}: added since, and handed to the earlier version too: {', '.join(added)}"
        yield Finding(rule=_RULE, severity=Severity.INFO, message=message)


def _lost(then: AppSnapshot, now: AppSnapshot) -> list[str]:
    """Return the variables that are gone; none where they may not be read."""
    return sorted(then.variables.keys() - now.variables.keys()) if now.variables else []


def _is_untold(then: AppSnapshot, now: AppSnapshot) -> bool:
    """Return whether an application had variables, and none is seen now: they may not be read, or all are gone."""
    return bool(then.variables and not now.variables)


def _untold(name: str) -> str:
    """Return what is said of variables that are not seen any more."""
    return f"{name}: its variables may not be read, or all are gone, so what has changed in them is not known"


def _changed(then: AppSnapshot, now: AppSnapshot) -> list[str]:
    """Return the variables that are known to have another value."""
    both = then.variables.keys() & now.variables.keys()
    return sorted(key for key in both if not _is_unread(key, then, now) and then.variables[key] != now.variables[key])


def _is_unread(key: str, then: AppSnapshot, now: AppSnapshot) -> bool:
    """Return whether a variable's value could not be read then or now."""
    return then.variables[key] is None or now.variables[key] is None


def _shown(value: object) -> str:
    """Return a setting's value, as short as a line needs it."""
    text = "nothing" if value is None else str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _advice(message: str, hint: str) -> Finding:
    """Return a finding that a person should weigh."""
    return Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint)
