"""A revision could not be run on an empty database, or not be read at all."""

from collections.abc import Iterator

from gonogo.lint.records import Advice, Rule, Subject
from gonogo.model import Manner, Severity

# What a scratch server lacks and production may have.
_MISSING = ("is not available", "extension control file", "permission denied", "must be superuser", 'role "')


def check(subject: Subject) -> Iterator[Advice]:
    """Yield why a revision's statements are not known from a real run."""
    migration = subject.migration
    if subject.source.unread:
        yield _finding(f"cannot be read: {subject.source.unread}", Severity.BLOCK)
    elif migration.problem:
        is_lacking = any(words in migration.problem for words in _MISSING)
        is_known = migration.manner is Manner.RENDERED and is_lacking
        yield _finding(
            f"did not run on an empty database: {migration.problem}", Severity.ADVISE if is_known else Severity.BLOCK
        )
    elif migration.manner is Manner.UNKNOWN and not migration.statements:
        yield _finding("sends SQL that is not known", Severity.BLOCK)


def _finding(message: str, severity: Severity) -> Advice:
    """Return the finding."""
    return Advice(
        severity=severity,
        message=message,
        consequence="what is not known cannot be checked; a new environment, CI and a restore check run the whole "
        "history",
        fix="run the history on an empty database, and mend what it says: alembic upgrade head; what the scratch "
        "server lacks (extensions, roles), a server of your own has: scratch_url of an environment in gonogo.toml",
    )


RULE = Rule(reference="does-not-run", check=check)
