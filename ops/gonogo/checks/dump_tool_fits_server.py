"""A dump tool older than the server cannot dump it."""

from gonogo.model import Config, Finding, SchemaFacts, Severity

_RULE = "dump-tool-fits-server"


def check(config: Config, facts: SchemaFacts) -> tuple[Finding, ...]:
    """Block when pg_dump is absent or older than the server."""
    del config
    server, tool = facts.database.server_version, facts.database.dump_tool_version
    if tool is not None and tool >= server:
        message = f"pg_dump {tool}, server {server}"
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    seen = "there is no pg_dump" if tool is None else f"pg_dump {tool} is older than the server ({server})"
    hint = f"install the PostgreSQL {server} client, or gonogo[local], which brings one"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=f"{seen}: no backup could be taken", hint=hint),)
