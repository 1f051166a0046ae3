"""The project's backup script, and the folder that it writes to."""

import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gonogo.adapters import manifests, postgres, processes, verification
from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import MANIFEST, Backup, Secret

_PATIENCE_S = 12 * 3600.0
# The script's own code for that, as its head says.
_UNREACHABLE = 4
# What a backup is renamed to before it is removed.
_REMOVED = ".removed"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class ScriptBackups:
    """Backups taken by a script that writes a folder `NAME`; older ones are two files, `NAME.dump` and `NAME.json`."""

    def __init__(self, command: Sequence[str], *, root: Path, folder: Path, url: Secret) -> None:
        """Prepare; the folder is made when the first backup is taken."""
        self._command = tuple(command)
        self._root = root
        self._folder = folder
        self._url = url

    def take(self, name: str) -> Backup:
        """Run the script and return what its manifest says.

        Raises:
            RefusedError: the script failed, or left no manifest.
            UnreachableError: the database was not there, or not there any more.
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        environ = {**postgres.client_environ(self._url), "BACKUP_DIR": str(self._folder), "BACKUP_NAME": name}
        tools = postgres.tool_folder(self._server())
        if tools:
            environ["PATH"] = f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"
        result = processes.run(self._command, cwd=self._root, env=environ, timeout_s=_PATIENCE_S)
        if result.code == _UNREACHABLE:
            raise UnreachableError("database-unreachable", result.last_words, where=self._url.name)
        if result.code != 0:
            message = f"the backup script ended with {result.code}: {result.last_words}"
            raise RefusedError("backup-failed", message, where=" ".join(self._command))
        backup = self.find(name)
        if backup is None:
            message = f"the backup script ended with 0 and left no backup {name}: {result.last_words}"
            raise RefusedError("backup-failed", message, where=" ".join(self._command))
        return backup

    def find(self, name: str) -> Backup | None:
        """Return a backup that was taken under this name; None when there is none, or it is not complete.

        Raises:
            RefusedError: its manifest cannot be read.
        """
        manifest = self._manifest(name)
        if not manifest.is_file():
            return None
        backup = manifests.read(manifest)
        return backup if backup.dump.exists() else None

    def names(self) -> tuple[str, ...]:
        """Return the names of all backups, by their manifests, oldest first by their time."""
        folders = {path.parent.name: path for path in self._folder.glob(f"[!.]*/{MANIFEST}")}
        files = {path.stem: path for path in self._folder.glob("[!.]*.json")}
        found = {**files, **folders}
        return tuple(sorted(found, key=lambda name: (found[name].stat().st_mtime_ns, name)))

    def verify(self, name: str) -> tuple[str, ...]:
        """Return all that is wrong with a backup, as far as it can be seen without a server."""
        try:
            return self._verified(name)
        except OSError as error:
            return (f"{name} cannot be read: {error.strerror}",)

    def _verified(self, name: str) -> tuple[str, ...]:
        manifest = self._manifest(name)
        if not (self._folder / name).exists() and not manifest.exists():
            return (f"there is no backup {name}",)
        if not manifest.is_file() and (self._folder / name).is_dir():
            return (f"{name} has no {MANIFEST}: it was copied in part, or is no backup",)
        return verification.problems(manifest, datetime.now(UTC))

    def newest(self) -> Backup | None:
        """Return the backup that was taken last; None when there is none that is complete."""
        found = [each for name in self.names() if (each := self._readable(name))]
        return max(found, key=lambda each: (each.taken_at or _LONG_AGO, each.manifest.stat().st_mtime_ns), default=None)

    def _readable(self, name: str) -> Backup | None:
        """Return a backup that is whole; one whose manifest cannot be read is none."""
        try:
            return self.find(name)
        except RefusedError:
            return None

    def digest(self, backup: Backup) -> str:
        """Return the dump's sha256, read from the files."""
        folder = backup.manifest.parent
        if not backup.files:
            return verification.sums(backup.dump.parent, (backup.dump.name,))[backup.dump.name]
        return verification.chain(verification.sums(folder, tuple(each.path for each in backup.files)))

    def remove(self, name: str) -> None:
        """Remove a backup; what is left of it after a failure does not look like one."""
        paths = [path for path in (self._folder / f"{name}.json", self._folder / name) if path.exists()]
        for path in paths:
            path.rename(self._folder / f".{path.name}{_REMOVED}")
        _sync(self._folder)
        (self._folder / f"{name}.dump").unlink(missing_ok=True)  # of an old one: without its manifest it is none
        self.clear()

    def clear(self) -> tuple[str, ...]:
        """Remove what a removal that was killed has left, and return its names."""
        found = sorted(self._folder.glob(f".*{_REMOVED}"))
        for path in found:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return tuple(path.name.removeprefix(".").removesuffix(_REMOVED) for path in found)

    def free_bytes(self) -> int:
        """Return the free space where backups are written."""
        existing = next(each for each in (self._folder, *self._folder.parents) if each.exists())
        return shutil.disk_usage(existing).free

    def _manifest(self, name: str) -> Path:
        """Return where a backup's manifest is, or would be."""
        old = self._folder / f"{name}.json"
        return old if old.is_file() and not (self._folder / name).exists() else self._folder / name / MANIFEST

    def _server(self) -> int:
        """Return the server's major version."""
        return postgres.Postgres(self._url, scratch_url=self._url).server_version()


def _sync(folder: Path) -> None:
    """Have a folder's list of names on its disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
