"""A backup that fills the disk takes the machine down with it."""

from gonogo.model import Config, Finding, SchemaFacts, Severity

_RULE = "disk-has-room"


def check(config: Config, facts: SchemaFacts) -> tuple[Finding, ...]:
    """Block when what is free is less than the database's size and the reserve."""
    needed = facts.database.size_bytes + config.target.limits.disk_free_bytes
    free = facts.disk_free_bytes
    message = f"{_gigabytes(free)} free, {_gigabytes(needed)} wanted for the dump and the reserve"
    if free >= needed:
        return (Finding(rule=_RULE, severity=Severity.INFO, message=message),)
    hint = "free space, or lower limits.disk_free_bytes"
    return (Finding(rule=_RULE, severity=Severity.BLOCK, message=message, hint=hint),)


def _gigabytes(count: int) -> str:
    """Return bytes as people read them."""
    return f"{count / 1e9:.1f} GB"
