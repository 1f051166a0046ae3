"""Coolify clones from a remote: the commit must be there."""

from gonogo.model import Config, Facts, Finding, Severity

_RULE = "commit-is-pushed"


def check(config: Config, facts: Facts) -> tuple[Finding, ...]:
    """Block when remotes exist and none of them has the commit."""
    if config.target.stack or not facts.git.unpushed:
        return ()
    message = f"no remote has {facts.git.commit[:12]}: the platform could not fetch it"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint="git push"),)
