"""Databases to back up, backups of them, and backups that somebody has tampered with and sealed again."""

import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from psycopg import conninfo

from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.postgres import Postgres
from gonogo.local import postgres
from gonogo.model import Secret

SCRIPT = Path(__file__).parents[2] / "backup_db.sh"
# Two tables of one shape, an enum, large objects, a sequence, an index: each can go wrong in its own way.
SHOP = (
    "CREATE TABLE alembic_version (version_num text)",
    "INSERT INTO alembic_version VALUES ('r1')",
    "CREATE TYPE mood AS ENUM ('glad', 'sad')",
    "CREATE TABLE north (id int PRIMARY KEY, mood mood, words text)",
    "CREATE TABLE south (id int PRIMARY KEY, mood mood, words text)",
    "INSERT INTO north SELECT i, 'glad', md5(i::text) FROM generate_series(1, 500) i",
    "INSERT INTO south SELECT i, 'sad', md5((-i)::text) FROM generate_series(1, 500) i",
    "CREATE TABLE numbered (id bigserial)",
    "INSERT INTO numbered DEFAULT VALUES",
    "SELECT lo_from_bytea(0, 'a large object')",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A database and where its backups go."""

    url: str
    folder: Path

    @property
    def backups(self) -> ScriptBackups:
        """Return its backups."""
        command = ("sh", str(SCRIPT))
        return ScriptBackups(command, root=self.folder, folder=self.folder, url=Secret("DATABASE_URL", self.url))

    @property
    def database(self) -> Postgres:
        """Return the database, its server also being the one where backups are tried."""
        return Postgres(
            Secret("DATABASE_URL", self.url), scratch_url=Secret("SCRATCH_DATABASE_URL", self.url), is_shared=True
        )

    @property
    def scratch(self) -> str:
        """Return a scratch name that no other test uses."""
        return "gonogo_scratch_" + str(conninfo.conninfo_to_dict(self.url)["dbname"]).rpartition("_")[2]

    def run(self, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the script by hand, as cron would."""
        return subprocess.run(
            ("sh", str(SCRIPT)),
            cwd=self.folder,
            env=self.environ(**environ),
            capture_output=True,
            text=True,
            check=False,
        )

    def environ(self, **more: str) -> dict[str, str]:
        """Return what the script is told."""
        path = f"{postgres.bin_dir()}:{os.defpath}"
        return {"DATABASE_URL": self.url, "BACKUP_DIR": str(self.folder), "PATH": path, **more}

    def kept(self) -> list[str]:
        """Return what looks like a backup."""
        return sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("."))


def document(folder: Path) -> dict[str, Any]:
    """Return a backup's manifest."""
    said: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return said


def edit(**fields: Any) -> Callable[[Path], None]:
    """Return what writes other values into a manifest, by dotted names, and seals it."""

    def apply(folder: Path) -> None:
        said = document(folder)
        for name, value in fields.items():
            *parents, last = name.split("__")
            place: Any = said
            for parent in parents:
                place = place[int(parent) if parent.isdecimal() else parent]
            place[int(last) if last.isdecimal() else last] = value
        seal(folder, said)

    return apply


def seal(folder: Path, said: Mapping[str, Any] | None = None) -> None:
    """Make a folder's sums right again, as somebody would who knows the format."""
    given = dict(said or document(folder))
    for each in given["files"]:
        content = (folder / each["path"]).read_bytes()
        each.update(size_bytes=len(content), sha256=hashlib.sha256(content).hexdigest())
    given["size_bytes"] = sum(each["size_bytes"] for each in given["files"])
    lines = "".join(
        f"{each['sha256']}  {each['path']}\n" for each in sorted(given["files"], key=lambda each: each["path"])
    )
    given["sha256"] = hashlib.sha256(lines.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(given, indent=2), encoding="utf-8")
    own = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{lines}{own}  manifest.json\n", encoding="utf-8")


def flip(path: Path) -> None:
    """Turn one bit in the middle of a file round."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def data_files(place: Place, folder: Path) -> dict[str, Path]:
    """Return each table's data file, by the table's name; an entry's number is its file's name."""
    program = postgres.bin_dir() / "pg_restore"
    done = subprocess.run(
        (program, "-l", folder / "dump"), cwd=place.folder, capture_output=True, text=True, check=True
    )
    rows = [line.split() for line in done.stdout.splitlines() if " TABLE DATA " in line]
    return {words[6]: next((folder / "dump").glob(f"{words[0].rstrip(';')}.dat*")) for words in rows}


def copied(backup: Path, to: Path) -> Path:
    """Return a copy of a backup in another folder, under its name."""
    return Path(shutil.copytree(backup, to / backup.name, symlinks=True))


def shim(folder: Path, name: str, text: str) -> Path:
    """Put a program in front of another; REAL in its text is the other."""
    folder.mkdir(exist_ok=True)
    real = shutil.which(name, path=f"{postgres.bin_dir()}:{os.defpath}")
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text.replace('REAL', str(real))}\n", encoding="utf-8")
    path.chmod(0o755)
    return folder


def waiting(aside: Path) -> str:
    """Return what makes the dump wait until it is told to go on."""
    waits = f': >"{aside}/begun"; until [ -e "{aside}/go" ]; do sleep 0.1; done'
    return f'case "$*" in *--snapshot*) {waits} ;; esac; exec REAL "$@"'


def before(folder: Path) -> str:
    """Return a search path with a folder of programs in front."""
    return f"{folder}:{postgres.bin_dir()}:{os.defpath}"


def leftovers(place: Place) -> list[str]:
    """Return what runs that did not end have left."""
    return [path.name for path in place.folder.glob(".*.part")]


def working(place: Place) -> list[psutil.Process]:
    """Return the processes that work in a place's folder."""
    found = []
    for each in psutil.process_iter():
        try:
            if each.status() != psutil.STATUS_ZOMBIE and each.cwd().startswith(str(place.folder)):
                found.append(each)
        except (psutil.Error, OSError):
            continue
    return found
