"""The Coolify token must be able to look, to change and to deploy."""

from gonogo.model import Config, Facts, Finding, Severity

_RULE = "token-can-release"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block on abilities that the token lacks."""
    missing = facts.platform.missing_abilities
    if not missing:
        message = f"Coolify {facts.platform.version}: token may read, write and deploy as far as can be asked"
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    message = f"{config.target.coolify_token.name} lacks {', '.join(missing)}"
    hint = "in Coolify: Keys & Tokens, a token with read, write and deploy"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
