"""The migrations have one head, and the database stands on their way."""

from gonogo.model import Config, Finding, SchemaFacts, Severity

_RULE = "history-is-sound"


def check(config: Config, facts: SchemaFacts) -> tuple[Finding, ...]:
    """Block on several heads, and on a database whose revision the target does not know."""
    del config
    heads, revision = facts.history.heads, facts.database.revision
    if len(heads) != 1:
        message = f"the migrations have {len(heads)} heads: {', '.join(heads) or 'none'}"
        return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint="alembic merge heads"),)
    if revision is not None and revision not in facts.history.order:
        message = f"the database is at {revision}, which the target does not have: it is older than what is released"
        return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint="release a newer commit"),)
    count = len(facts.history.after(revision))
    message = f"schema at {revision or 'nothing'}, head {heads[0]}, {count} pending"
    return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
