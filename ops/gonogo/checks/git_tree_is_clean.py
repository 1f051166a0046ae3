"""What is released is what is committed."""

from gonogo.model import Config, Finding, SchemaFacts, Severity

_RULE = "git-tree-is-clean"
_SHOWN = 5


def check(config: Config, facts: SchemaFacts) -> tuple[Finding, ...]:
    """Block on uncommitted changes, unless the environment takes a snapshot of them."""
    dirty = facts.git.dirty
    if not dirty:
        return (Finding(rule=_RULE, severity=Severity.INFO, message="no uncommitted changes"),)
    named = ", ".join(dirty[:_SHOWN]) + (f" and {len(dirty) - _SHOWN} more" if dirty[_SHOWN:] else "")
    if config.target.allow_dirty:
        message = f"uncommitted changes are released as a snapshot commit: {named}"
        return (Finding(rule=_RULE, severity=Severity.ADVISE, message=message),)
    message = f"uncommitted changes would not be in the release: {named}"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint="git commit, or git stash"),)
