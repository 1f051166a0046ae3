"""The Coolify token must be able to look, to change and to deploy."""

from gonogo.model import Config, Facts, Finding, Severity

_RULE = "token-can-release"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block on abilities that the token lacks; advise where it may not read what could be compared."""
    missing, name = facts.platform.missing_abilities, config.target.coolify_token.name
    if missing:
        message = f"{name} lacks {', '.join(missing)}: the release would stop half-way, at the first call that needs it"
        hint = "in Coolify: Keys & Tokens, a token with read, write and deploy"
        return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
    hidden = _hidden(facts)
    if hidden or facts.platform.missing_optional:
        count = f" ({hidden} of them)" if hidden else ""
        message = (
            f"{name} lacks read:sensitive: it may not read the values of variables{count}, so one that is changed "
            "between two releases would not be noticed, and a rollback could not say so; deployments come without logs"
        )
        hint = "in Coolify: Keys & Tokens, add read:sensitive; values are hashed at once and neither kept nor shown"
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message, hint=hint),)
    message = f"Coolify {facts.platform.version}: token may read, write and deploy as far as can be asked"
    return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)


def _hidden(facts: Facts) -> int:
    """Return how many variables hide their value from this token and would not from another."""
    variables = (*(facts.platform.api_variables or ()), *(facts.platform.worker_variables or ()))
    return sum(each.fingerprint is None and not each.is_locked for each in variables)
