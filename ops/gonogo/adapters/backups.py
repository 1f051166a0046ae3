"""The project's backup script, and the folder that it writes to."""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gonogo.adapters import postgres, processes
from gonogo.errors import RefusedError
from gonogo.model import Backup, Secret

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class ScriptBackups:
    """Dumps taken by a script that writes `NAME.dump` and, last, `NAME.json`."""

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
        """
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        environ = {**postgres.client_environ(self._url), "BACKUP_DIR": str(self._folder), "BACKUP_NAME": name}
        tools = postgres.tool_folder(self._server())
        if tools:
            environ["PATH"] = f"{tools}{os.pathsep}{os.environ.get('PATH', '')}"
        result = processes.run(self._command, cwd=self._root, env=environ, timeout_s=3600)
        backup = self.find(name)
        if result.code != 0 or backup is None:
            message = f"the backup script ended with {result.code}: {result.last_words}"
            raise RefusedError("backup-failed", message, where=" ".join(self._command))
        return backup

    def find(self, name: str) -> Backup | None:
        """Return a backup that was taken under this name; None when there is none, or it is not complete."""
        manifest = self._folder / f"{name}.json"
        dump = self._folder / f"{name}.dump"
        if not manifest.is_file() or not dump.is_file():
            return None
        said = json.loads(manifest.read_text(encoding="utf-8"))
        return Backup(
            dump=dump,
            manifest=manifest,
            sha256=said["sha256"],
            size_bytes=int(said["size_bytes"]),
            server_version=said["server_version"],
            schema_revision=said["schema_revision"],
            row_counts=said["row_counts"],
            taken_at=_moment(said.get("taken_at")),
        )

    def newest(self) -> Backup | None:
        """Return the backup that was taken last; None when there is none that is complete."""
        found = [each for path in self._folder.glob("*.json") if (each := self.find(path.stem))]
        return max(found, key=lambda each: (each.taken_at or _LONG_AGO, each.manifest.stat().st_mtime_ns), default=None)

    def digest(self, backup: Backup) -> str:
        """Return the dump's sha256, read from the file."""
        with backup.dump.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def free_bytes(self) -> int:
        """Return the free space where backups are written."""
        existing = next(each for each in (self._folder, *self._folder.parents) if each.exists())
        return shutil.disk_usage(existing).free

    def _server(self) -> int:
        """Return the server's major version."""
        return postgres.Postgres(self._url, scratch_url=self._url).server_version()


def _moment(text: object) -> datetime | None:
    """Return a manifest's time; None where it says none that can be read."""
    try:
        said = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)
