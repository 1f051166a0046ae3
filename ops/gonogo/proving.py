"""What makes a backup a backup: its digest, and that it restores to the rows that its manifest counted.

The release's restore check and `backup.verify` both use it.
"""

import re
from collections.abc import Iterator, Mapping

from gonogo.errors import StepFailedError
from gonogo.model import Backup, Contents
from gonogo.protocols import Backups, World

# Of what is wrong with a backup, so many parts fit a message; `backup.verify` says all.
_TOLD = 3
_MARK = "gonogo_scratch_"


def scratch_name(release_id: str) -> str:
    """Return the scratch database's name; it carries the mark that `drop_scratch` insists on."""
    return _MARK + "".join(sign for sign in release_id.lower() if sign.isalnum())


def check_digest(backups: Backups, backup: Backup) -> None:
    """Compare the dump with the digest in its manifest.

    Raises:
        StepFailedError: the file is not what was written.
    """
    digest = backups.digest(backup)
    if digest == backup.sha256:
        return
    said = "; ".join(backups.verify(backup.name)[:_TOLD]) or f"sha256 {digest[:12]}…, not the manifest's"
    message = f"{backup.name} has changed since it was written: {said}"
    why = "it would not restore to what was backed up"
    raise StepFailedError(
        "backup-corrupt", message, where=str(backup.manifest), why=why, hint="check the disk, then run this again"
    )


def restored_rows(world: World, backup: Backup, scratch: str) -> Mapping[str, int]:
    """Restore into a scratch database, count, and drop it whatever happens.

    Raises:
        RefusedError: it cannot be restored.
    """
    try:
        return world.database.restore(backup, scratch)
    finally:
        world.database.drop_scratch(scratch)


def compare_rows(backup: Backup, restored: Mapping[str, int]) -> None:
    """Compare the rows restored with those that the manifest counted.

    Raises:
        StepFailedError: they differ.
    """
    differing = {table for table, _ in set(restored.items()) ^ set(backup.row_counts.items())}
    if differing:
        named = ", ".join(sorted(differing))
        raise StepFailedError("restore-differs", f"restored rows differ from the manifest's in {named}")


def differences(dumped: Contents, restored: Contents) -> tuple[str, ...]:
    """Return in words where a restored database is not what was dumped; nothing when it is."""
    return (
        *_of_tables(dumped, restored),
        *_of_counts(dumped, restored),
        *_of_sequences(dumped, restored),
        *_of_surroundings(dumped, restored),
    )


def _of_tables(dumped: Contents, restored: Contents) -> Iterator[str]:
    """Yield tables that are missing, too many, or hold other rows."""
    wanted = {(each.schema, each.name): each for each in dumped.tables}
    found = {(each.schema, each.name): each for each in restored.tables}
    yield from (f"{wanted[key].label} is missing" for key in sorted(wanted.keys() - found.keys()))
    yield from (f"{found[key].label} was not dumped" for key in sorted(found.keys() - wanted.keys()))
    for key in sorted(wanted.keys() & found.keys()):
        before, after = wanted[key], found[key]
        if before.rows != after.rows:
            yield f"{before.label} has {after.rows} rows, the manifest counted {before.rows}"
        elif before.digest != after.digest:
            yield f"{before.label} has as many rows as were dumped, and other values in them"


def _of_counts(dumped: Contents, restored: Contents) -> Iterator[str]:
    """Yield what there is more or less of."""
    for kind in sorted(dumped.objects.keys() | restored.objects.keys()):
        before, after = dumped.objects.get(kind, 0), restored.objects.get(kind, 0)
        if before != after and kind != "tables":
            yield f"{after} {kind}, the manifest counted {before}"
    if dumped.large_objects[0] != restored.large_objects[0]:
        yield f"{restored.large_objects[0]} large objects, the manifest counted {dumped.large_objects[0]}"
    elif dumped.large_objects != restored.large_objects:
        yield "the large objects hold other bytes"
    if dumped.schema_revision != restored.schema_revision:
        yield f"the schema is at {restored.schema_revision}, the manifest says {dumped.schema_revision}"


def _of_sequences(dumped: Contents, restored: Contents) -> Iterator[str]:
    """Yield sequences whose value is not between those from before and after the dump."""
    for name, (before, after) in sorted(dumped.sequences.items()):
        if name not in restored.sequences:
            yield f"the sequence {name} is missing"
            continue
        value, _ = restored.sequences[name]
        least, most = sorted((before or 0, after or 0))
        if not least <= (value or 0) <= most:
            yield f"the sequence {name} is at {value}, the manifest says {after}"


def _of_surroundings(dumped: Contents, restored: Contents) -> Iterator[str]:
    """Yield extensions, roles and memberships that are missing."""
    for name, version in sorted(dumped.extensions.items()):
        if name not in restored.extensions:
            yield f"the extension {name} is missing"
        elif _numbers(restored.extensions[name]) < _numbers(version):
            yield f"the extension {name} is {restored.extensions[name]}, older than {version}"
    yield from (f"the role {role} is missing" for role in sorted(set(dumped.roles) - set(restored.roles)))
    missing = sorted(set(dumped.memberships) - set(restored.memberships))
    yield from (f"the role {member} is not in {group}" for member, group in missing)


def _numbers(version: str) -> list[int]:
    """Return a version's numbers."""
    return [int(each) for each in re.findall(r"\d+", version)]
