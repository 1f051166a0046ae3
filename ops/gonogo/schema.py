"""How a schema stands: what is half done, what would be in the way of the next migration. Pure."""

from collections.abc import Collection, Iterator, Sequence

from gonogo.model import ExpectedLock, Finding, Foreseen, LockMode, Session, Severity, Standing

_AS, _RS, _RX, _SUX, _S, _SRX, _X, _AX = LockMode
# PostgreSQL's table of conflicts: which modes somebody may hold that the wish for one has to wait for.
CONFLICTS: dict[LockMode, frozenset[LockMode]] = {
    _AS: frozenset({_AX}),
    _RS: frozenset({_X, _AX}),
    _RX: frozenset({_S, _SRX, _X, _AX}),
    _SUX: frozenset({_SUX, _S, _SRX, _X, _AX}),
    _S: frozenset({_RX, _SUX, _SRX, _X, _AX}),
    _SRX: frozenset({_RX, _SUX, _S, _SRX, _X, _AX}),
    _X: frozenset(LockMode) - {_AS},
    _AX: frozenset(LockMode),
}
# CREATE INDEX CONCURRENTLY waits for every transaction that is older than it.
_OLD_S = 30.0
_KINDS_OF_DRIFT = {"table": "DROP TABLE", "column": "ALTER TABLE … DROP COLUMN", "index": "DROP INDEX CONCURRENTLY"}


def problems(standing: Standing, known: Collection[str], pending: Sequence[Foreseen]) -> tuple[Finding, ...]:
    """Return what is half done; what blocks would stop a migration.

    Args:
        standing: what the database says.
        known: the revisions that the tree has.
        pending: those that the database lacks, oldest first.
    """
    return (
        *_of_versions(standing.versions, known),
        *(_invalid(index, table) for index, table in standing.invalid_indexes),
        *_ahead(standing, pending),
        *(_unvalidated(table, name) for table, name in standing.unvalidated),
        *(_open_run(standing)),
        *(_scratch(name) for name in standing.scratch),
    )


def in_the_way(standing: Standing, pending: Sequence[Foreseen]) -> tuple[Finding, ...]:
    """Return the sessions that a migration would have to wait for now, oldest transaction first."""
    wanted = [lock for each in pending for lock in each.deeds.locks]
    is_patient = any("CONCURRENTLY" in each.sql.upper() for each in pending)
    found = (_waits(session, wanted, is_patient=is_patient) for session in standing.sessions)
    return tuple(each for each in found if each)


def _of_versions(versions: Sequence[str], known: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with the version rows."""
    if len(versions) > 1:
        message = f"alembic_version holds {len(versions)} rows: {', '.join(versions)}"
        hint = "find out which branches were applied; then merge them: alembic merge heads"
        yield Finding(rule="several-versions", severity=Severity.BLOCK, message=message, hint=hint)
    if unknown := [each for each in versions if each not in known]:
        message = f"the database is at {', '.join(unknown)}, which this tree does not have"
        yield Finding(rule="schema-ahead", severity=Severity.BLOCK, message=message, hint="check a newer commit out")


def _invalid(index: str, table: str) -> Finding:
    """Return what an index means that a failed build left."""
    message = f"index {index} of {table} is INVALID: no query uses it, every write pays for it, IF NOT EXISTS skips it"
    hint = f"DROP INDEX CONCURRENTLY {index}; then build it again, or let its revision do it"
    return Finding(rule="invalid-index", severity=Severity.BLOCK, message=message, hint=hint)


def _unvalidated(table: str, name: str) -> Finding:
    """Return what a constraint means that nobody validated."""
    message = f"constraint {name} of {table} is NOT VALID: rows from before may break it"
    hint = f"in a revision of its own: ALTER TABLE {table} VALIDATE CONSTRAINT {name}"
    return Finding(rule="constraint-not-validated", severity=Severity.ADVISE, message=message, hint=hint)


def _ahead(standing: Standing, pending: Sequence[Foreseen]) -> Iterator[Finding]:
    """Yield pending revisions of which something is there already: applied without their version row."""
    at = ", ".join(standing.versions) or "nothing"
    for each in pending:
        there = [name for name in each.deeds.made if name in standing.objects]
        if not there:
            return
        count = f"{len(there)} of {len(each.deeds.made)} things that {each.revision.id} makes"
        message = f"the version row says {at}, and {count} are there already: {', '.join(there)}"
        yield Finding(rule="half-applied", severity=Severity.BLOCK, message=message, hint=_completing(each, there))


def _completing(each: Foreseen, there: Sequence[str]) -> str:
    """Return how to get a revision whole: on to its end, or back to its beginning."""
    if len(there) == len(each.deeds.made):
        return (
            f"compare with migrate.plan --sql; if all of {each.revision.id} is applied, "
            f"write its version row: alembic stamp {each.revision.id}"
        )
    undo = "; ".join(f"{_KINDS_OF_DRIFT[name.partition(' ')[0]]} {name.partition(' ')[2]}" for name in reversed(there))
    return f"take back what is there, if it holds nothing: {undo}; then: invoke migrate.apply"


def _open_run(standing: Standing) -> Iterator[Finding]:
    """Yield the newest run of each revision that has no end."""
    newest = {run.revision: run for run in reversed(standing.runs)}
    for run in newest.values():
        if run.ended_at is None:
            way = "up" if run.direction == "up" else "down"
            message = f"{run.revision} was begun ({way}) at {run.began_at:%Y-%m-%d %H:%M:%S} UTC, and has no end"
            hint = "it runs now, or its process died; its transaction was rolled back: invoke migrate.apply goes on"
            yield Finding(rule="run-without-end", severity=Severity.ADVISE, message=message, hint=hint)


def _scratch(name: str) -> Finding:
    """Return what a scratch database means that was left."""
    hint = f"if nothing is being tried there now: DROP DATABASE {name} WITH (FORCE)"
    message = f"the scratch database {name} is on this server: a copy of the data"
    return Finding(rule="scratch-left", severity=Severity.ADVISE, message=message, hint=hint)


def _waits(session: Session, wanted: Sequence[ExpectedLock], *, is_patient: bool) -> Finding | None:
    """Return what a session means for the migrations that wait; None when they would not wait for it."""
    clashes = [
        f"{lock.relation} ({mode.value})"
        for lock in wanted
        for relation, mode in session.holds
        if relation == lock.relation and mode in CONFLICTS[lock.mode]
    ]
    if not clashes and not (is_patient and session.age_s >= _OLD_S):
        return None
    held = f"; it holds {', '.join(dict.fromkeys(clashes))}" if clashes else "; CONCURRENTLY waits for it to end"
    hint = f"wait for it, or end it: SELECT pg_terminate_backend({session.pid})"
    if session.state == "prepared":
        hint = f"COMMIT PREPARED '{session.application}', or ROLLBACK PREPARED '{session.application}'"
    return Finding(rule="in-the-way", severity=Severity.ADVISE, message=f"{session.said}{held}", hint=hint)
