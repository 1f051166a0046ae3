"""CI and production install the same things."""

from gonogo.model import Config, Facts, Finding, Severity

_RULE = "ci-matches-production"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block on a stale lock file, and on interpreter versions that differ between the files that name one."""
    del config
    findings = []
    if not facts.git.lock_is_current:
        message = "uv.lock does not fit pyproject.toml: CI and the image would install something else"
        findings.append(Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint="uv lock"))
    pins = facts.git.python_pins
    if len({_minor(pin) for pin in pins.values()}) > 1:
        named = ", ".join(f"{file} says {pin}" for file, pin in sorted(pins.items()))
        hint = "name one version in all of them"
        findings.append(Finding(rule=_RULE, severity=Severity.BLOCK, message=f"Python differs: {named}", hint=hint))
    if not findings:
        message = f"lock file current, Python {', '.join(sorted(set(pins.values()))) or 'not pinned'}"
        findings.append(Finding(rule=_RULE, severity=Severity.INFO, message=message))
    return tuple(findings)


def _minor(pin: str) -> str:
    """Return the major and minor version of a pin."""
    return ".".join(pin.split(".")[:2])
