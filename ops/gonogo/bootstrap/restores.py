"""A restore, or a switch of databases alone: what is looked at for it, and the plan that comes of it."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit

from gonogo import journal, lineage, steps
from gonogo.adapters import sources
from gonogo.errors import GonogoError, UsageError
from gonogo.model import Backup, Checkout, Config, Copy, Finding, Plan, PlanKind, PlannedStep, Restoring, Severity
from gonogo.protocols import Vault, World

_LOOKED_AT = 50
_LONGEST = 63
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is asked of a restore.

    Attributes:
        into: the new database; of a switch alone: the one that is to be served.
        name: the backup; empty for the newest copy of the other place.
        offsite: whether the copy of the other place is used.
        switch: whether it is served afterwards.
        is_alone: whether nothing is restored: databases that are there are switched.
        without_backup: why no dump is taken of what is there now; empty where one is.
        keep_schema: why the schema stays as it was backed up whatever the service needs; empty where it does not.
    """

    into: str
    name: str = ""
    offsite: bool = False
    switch: bool = False
    is_alone: bool = False
    without_backup: str = ""
    keep_schema: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Seen:
    """What was looked at.

    Attributes:
        commit: the release that serves, or served last; empty where nobody knows.
        revision: the schema of what is served; None where it cannot be read, or has none.
        unread: why what is served cannot be read; empty where it can.
        backup: what is restored, as far as it is known without fetching it; None for a switch alone.
    """

    at: datetime
    commit: str
    revision: str | None
    unread: str
    backup: Backup | Copy | None


def restore(config: Config, outside: World, vault: Vault | None, wanted: Wanted) -> Plan:
    """Look at the backup and at the server, and decide; nothing is changed.

    Raises:
        UsageError: the words do not fit together, or there is no such backup.
        UnreachableError: the server or the other place does not answer.
    """
    served = urlsplit(config.target.database_url.reveal()).path.lstrip("/")
    _refuse_words(wanted, served, vault)
    seen = _look(config, outside, vault, wanted)
    release_id = f"{seen.at:%Y%m%dT%H%M%S}{seen.at.microsecond // 1000:03d}-restore"
    restoring = Restoring(
        backup=seen.backup.name if seen.backup else "",
        is_offsite=wanted.offsite,
        into=wanted.into,
        served=served,
        former=_former(served, seen.at) if wanted.switch else "",
        accepted=wanted.keep_schema,
    )
    head, findings = _schema(outside, seen, wanted)
    plan = Plan(
        release_id=release_id,
        environment=config.target.name,
        created_at=seen.at,
        previous_commit=seen.commit,
        target_commit=seen.commit,
        subject=_subject(seen, restoring),
        start_revision=seen.revision,
        target_revision=head or (seen.backup.schema_revision if seen.backup else None) or "",
        pending=(),
        steps=(),
        findings=(*_obstacles(outside, restoring), *findings, *_of_backup(seen, wanted)),
        way_back=_way_back(config, restoring),
        kind=PlanKind.RESTORE,
        schema_commit=seen.commit if head else "",
        restoring=restoring,
    )
    left_out = _left_out(wanted, is_raised=bool(head))
    chosen = [step for step in steps.RESTORE if step.name not in left_out]
    return replace(plan, steps=tuple(PlannedStep(name=step.name, intent=step.intent(plan)) for step in chosen))


def _refuse_words(wanted: Wanted, served: str, vault: Vault | None) -> None:
    """Refuse what cannot be meant.

    Raises:
        UsageError: the words do not fit together.
    """
    if not _NAME.fullmatch(wanted.into) or len(wanted.into) > _LONGEST or wanted.into.startswith("gonogo_"):
        message = f"{wanted.into!r} is no name for a database: small letters, digits, _; not beginning with gonogo_"
        raise UsageError("database-name-wrong", message)
    if wanted.into == served and (wanted.switch or wanted.is_alone):
        raise UsageError("database-is-served", f"{served} is what is served; name another database")
    if not wanted.is_alone and bool(wanted.name) == wanted.offsite:
        message = "--name says which backup of this machine, --offsite takes the newest copy of the other place"
        raise UsageError("which-backup", message, hint="give one of the two")
    if wanted.offsite and vault is None:
        raise UsageError("no-offsite", "gonogo.toml names no other place (backups.offsite)", hint="use --name NAME")


def _look(config: Config, outside: World, vault: Vault | None, wanted: Wanted) -> _Seen:
    """Return what is decided from; what is served may be what is broken, and is not relied on."""
    ids = outside.ledger.releases(config.target.name)[:_LOOKED_AT]
    commit = outside.service.ready().commit or lineage.last([journal.replay(outside.ledger.read(each)) for each in ids])
    revision, unread = None, ""
    try:
        revision = outside.database.revision()
    except GonogoError as error:
        unread = error.message
    backup: Backup | Copy | None = None
    if not wanted.is_alone:
        place = vault if wanted.offsite else None
        source = sources.chosen(outside.backups, place, environment=config.target.name, name=wanted.name)
        backup = source.copy or _readable(outside, source.name)
    return _Seen(at=outside.clock.now(), commit=commit, revision=revision, unread=unread, backup=backup)


def _readable(outside: World, name: str) -> Backup:
    """Return a backup whose manifest can be read."""
    found = outside.backups.find(name)
    if found is None:
        raise UsageError(
            "unknown-backup", f"{name} is not whole: its dump is gone", hint=f"backup.verify --name {name}"
        )
    return found


def _former(served: str, at: datetime) -> str:
    """Return what the database from before is called after a switch."""
    stamp = f"_before_{at:%Y%m%dt%H%M%S}"
    return served[: _LONGEST - len(stamp)] + stamp


def _schema(outside: World, seen: _Seen, wanted: Wanted) -> tuple[str, tuple[Finding, ...]]:
    """Return the revision that a restored database has to be brought to, empty for none; and what speaks against it."""
    if not wanted.switch or wanted.is_alone or seen.backup is None:
        return "", ()
    start = seen.backup.schema_revision
    if wanted.keep_schema:
        said = f"the schema stays at {start}: {wanted.keep_schema}; whether the service is ready on it is only told"
        return "", (_finding("restored-schema", Severity.ADVISE, said),)
    try:
        history = outside.migrations.history(_checkout(outside, seen.commit))
    except GonogoError as error:
        said = f"nobody can say whether what serves runs on schema {start}: {error.message}"
        return "", (_finding("restored-schema", Severity.BLOCK, said, _KEEP),)
    goal = seen.revision if seen.revision in history.order else next(iter(history.heads), None)
    if start == goal:
        return "", ()
    order = history.order
    if goal is None or (start is not None and (start not in order or order.index(start) > order.index(goal))):
        said = f"the backup is at schema {start}, what serves needs {goal}, and has no way from one to the other"
        return "", (_finding("restored-schema", Severity.BLOCK, said, _KEEP),)
    said = f"the backup is at schema {start or 'nothing'}: it is brought to {goal} before it is served"
    return goal, (_finding("restored-schema", Severity.INFO, said),)


_KEEP = "roll the code back first (invoke deploy.rollback --dry-run), or switch all the same: --keep-schema REASON"


def _checkout(outside: World, commit: str) -> Checkout:
    """Return the files of what serves.

    Raises:
        GonogoError: nobody knows what that is, or the repository does not have it.
    """
    if not commit:
        raise UsageError("nothing-serves", "nothing serves there, and the ledger knows no release")
    return outside.checkouts.provide(outside.git.resolve(commit))


def _obstacles(outside: World, restoring: Restoring) -> tuple[Finding, ...]:
    """Return what stands against it."""
    found = outside.restores.obstacles(restoring)
    if found:
        return tuple(_finding("restore-can-be-done", Severity.BLOCK, each) for each in found)
    said = "the name is free, the role may do it, and the server has what is needed"
    if restoring.is_offsite:
        said = "the name is free and the role may do it; the copy is read, and the server judged, once it is fetched"
    return (_finding("restore-can-be-done", Severity.INFO, said if restoring.backup else "the role may do it"),)


def _of_backup(seen: _Seen, wanted: Wanted) -> tuple[Finding, ...]:
    """Return what is lost, and what becomes of what is there now."""
    found = []
    if wanted.switch and seen.backup and seen.backup.taken_at:
        said = (
            f"what was written since {seen.backup.taken_at:%F %T} UTC is in the database that is kept, and not served"
        )
        found.append(_finding("restore-loses", Severity.ADVISE, said))
    if wanted.switch and wanted.without_backup:
        said = f"no dump is taken of what is there now: {wanted.without_backup}"
        found.append(_finding("no-dump-before", Severity.ADVISE, said))
    elif wanted.switch and seen.unread:
        said = f"what is served cannot be dumped: {seen.unread}"
        found.append(_finding("no-dump-before", Severity.BLOCK, said, "--without-backup REASON; the database is kept"))
    return tuple(found)


def _subject(seen: _Seen, restoring: Restoring) -> str:
    """Return what it is about, in words."""
    if seen.backup is None:
        return f"serve {restoring.into} as {restoring.served}"
    taken = f"{seen.backup.taken_at:%F %T} UTC" if seen.backup.taken_at else "an unknown time"
    then = f", and serve it as {restoring.served}" if restoring.former else ""
    return f"the data of {taken} into {restoring.into}{then}"


def _way_back(config: Config, restoring: Restoring) -> str:
    """Return how it is undone, in words."""
    if not restoring.former:
        return f"what is served is not touched; {restoring.into} may be dropped"
    return f"invoke restore.switch --env {config.target.name} --into {restoring.former}"


def _left_out(wanted: Wanted, *, is_raised: bool) -> set[str]:
    """Return the steps that this one has no use for."""
    return {
        *(() if is_raised else ("bring-up",)),
        *(() if wanted.switch and not wanted.without_backup else ("backup",)),
        *(() if wanted.switch else ("switch",)),
        *(("restore-into",) if wanted.is_alone else ()),
    }


def _finding(rule: str, severity: Severity, message: str, hint: str = "") -> Finding:
    return Finding(rule=rule, severity=severity, message=message, hint=hint)
