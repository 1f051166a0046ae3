"""An example value is not a secret."""

from gonogo.model import Config, Facts, Finding, Severity

_RULE = "secrets-are-real"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block on secrets that hold a placeholder."""
    del config
    if not facts.weak_secrets:
        return (Finding(rule=_RULE, severity=Severity.INFO, message="no secret holds a placeholder"),)
    message = f"placeholder or very short value in {', '.join(facts.weak_secrets)}"
    hint = "put the real value in, see ops/SECRETS_ROTATION_RUNBOOK.md"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
