"""What is tried out on the server that serves loads it, fills its disk and locks what is there."""

from gonogo.model import Config, Finding, SchemaFacts, Severity

_RULE = "scratch-is-apart"


def check(config: Config, facts: SchemaFacts) -> tuple[Finding, ...]:
    """Block when the scratch server is the target's own; a local stack has one server for both."""
    target = config.target
    if facts.database.scratch_is_apart or target.stack:
        return ()
    scratch, own = target.scratch_url.name, target.database_url.name
    message = (
        f"{scratch} leads to the server of {own}: restored copies would fill its disk, and trials load it while "
        "people use it"
    )
    hint = f"set {scratch} to a server of its own, for example one in a container"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)
