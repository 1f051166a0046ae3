"""Coolify is of a version whose ways are known, and without those that would lead a release astray."""

import re
from dataclasses import dataclass

from gonogo.model import Config, Facts, Finding, Severity

_RULE = "coolify-is-supported"
_HINT = "upgrade Coolify (Settings, Update); not during a release"
_KNOWN = (4, 3)
_PARTS = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:-[a-z]+\.(\d+)(?:\.(\d+))?)?")
# A version as numbers that can be compared: what comes before a release is smaller than it.
_Version = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trait:
    """What versions from one to below another do."""

    since: str = "0.0.0"
    before: str
    severity: Severity
    what: str


_TRAITS = (
    _Trait(
        before="4.0.0-beta.402",
        severity=Severity.BLOCK,
        what="it cannot list an application's deployments, so a lost answer could not be told from a deployment",
    ),
    _Trait(
        before="4.0.0-beta.454",
        severity=Severity.ADVISE,
        what="`finished` is not final there: a late error may still turn a deployment into a failed one",
    ),
    _Trait(
        since="4.0.0-beta.464",
        before="4.0.0-beta.468",
        severity=Severity.BLOCK,
        what="it answers 404 for deployments that exist, so the release could not follow its own and would be undone",
    ),
    _Trait(
        before="4.1.0",
        severity=Severity.ADVISE,
        what="it tells deployments apart by the word HEAD: ours may be skipped while somebody's is queued or running",
    ),
    _Trait(
        before="4.2.0",
        severity=Severity.ADVISE,
        what="a GET deploys there: a link that is opened with the token would deploy during the release",
    ),
    _Trait(
        before="4.3.7",
        severity=Severity.ADVISE,
        what="a deployment that is cancelled by the API leaves the queue standing, and ours would wait in it",
    ),
)


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block versions that a release cannot follow; advise on those with known faults."""
    del config
    said = facts.platform.version
    version = _version(said)
    if version is None:
        message = f"Coolify says that its version is {said!r}, which cannot be compared: what it does is not known"
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=_HINT),)
    found = tuple(
        Finding(rule=_RULE, severity=trait.severity, message=f"Coolify {said}: {trait.what}", hint=_HINT)
        for trait in _TRAITS
        if (_version(trait.since) or version) <= version < (_version(trait.before) or version)
    )
    if found:
        return found
    newer = ", newer than the ones that its ways are known of" if version[:2] > _KNOWN else ""
    return (Finding(rule=_RULE, severity=Severity.INFO, message=f"Coolify {said}{newer}"),)


def _version(text: str) -> _Version | None:
    """Return a version as numbers; None for what is none."""
    found = _PARTS.fullmatch(text.strip())
    if not found:
        return None
    major, minor, patch, pre, fix = (int(part or 0) for part in found.groups())
    return (major, minor, patch, 0 if found[4] else 1, pre, fix)
