"""What makes a backup a backup: its digest, and that it restores to the rows that its manifest counted.

The release's restore check and `backup.run` both use it.
"""

from collections.abc import Mapping

from gonogo.errors import StepFailedError
from gonogo.model import Backup
from gonogo.protocols import Backups, World

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
    message = f"{backup.dump.name} has changed since it was written: sha256 {digest[:12]}…, not the manifest's"
    why = "it would not restore to what was backed up"
    raise StepFailedError(
        "backup-corrupt", message, where=backup.manifest.name, why=why, hint="check the disk, then run this again"
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
