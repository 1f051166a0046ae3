"""Backups to copy, made without a database, and places to copy them to."""

import hashlib
import io
import json
import tarfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import obstore
import pyrage
from obstore.store import LocalStore, MemoryStore

from gonogo.adapters import manifests
from gonogo.adapters.vault import ObjectVault, index, packing, stores
from gonogo.model import Backup, Copy, Offsite, Secret

PART_BYTES = 1 << 16
NAME = "20261101T023000000000Z"
LATER = "20261102T023000000000Z"
OPERATOR, SEALED, STRANGER = (pyrage.x25519.Identity.generate() for _ in range(3))

_FACTS = {
    "database": "shop",
    "server_version": "18.4",
    "encoding": "UTF8",
    "locale": {},
    "extensions": {},
    "roles": [],
    "memberships": [],
    "objects": {"tables": 0},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A place, and a machine that copies to it.

    Attributes:
        folder: the machine's disk.
        store: the place itself.
    """

    offsite: Offsite
    folder: Path
    store: stores.Store
    now: datetime = datetime(2026, 12, 3, tzinfo=UTC)

    @property
    def vault(self) -> ObjectVault:
        """Return its copies."""
        store = self.store if isinstance(self.store, MemoryStore) else None
        return ObjectVault(
            self.offsite, "prod", locks=self.folder, now=lambda: self.now, store=store, part_bytes=PART_BYTES
        )

    def with_key(self, *identities: Any) -> "Bench":
        """Return the same place with other keys to read it."""
        path = self.folder / f"key-{len(list(self.folder.glob('key-*')))}"
        path.write_text("# kept apart\n" + "".join(f"{each}\n" for each in identities), encoding="ascii")
        path.chmod(0o600)
        return replace(self, offsite=replace(self.offsite, identity=Secret("BACKUP_IDENTITY_FILE", str(path))))

    def elsewhere(self, name: str) -> "Bench":
        """Return the same place as another machine sees it."""
        folder = self.folder / name
        folder.mkdir()
        return replace(self, folder=folder)

    def made(self, name: str = NAME, size: int = 3 * PART_BYTES) -> Backup:
        """Return a backup on the machine's disk."""
        return made(self.folder / "backups", name, size)

    def objects(self) -> list[str]:
        """Return every object at the place."""
        return sorted(each["path"] for chunk in obstore.list(self.store) for each in chunk)

    def get(self, key: str) -> bytes:
        """Return an object."""
        return bytes(obstore.get(self.store, key).bytes())

    def put(self, key: str, content: bytes) -> None:
        """Write an object, whatever is there."""
        obstore.put(self.store, key, content, use_multipart=False)

    def drop(self, key: str) -> None:
        """Remove an object."""
        obstore.delete(self.store, key)

    def parts(self, copy: Copy) -> list[str]:
        """Return the parts of a copy, in order."""
        stem = copy.key.removesuffix(".json")
        return [key for key in self.objects() if key.startswith(f"{stem}.") and key.endswith(".age")]


def bench(folder: Path, url: str, endpoint: str = "") -> Bench:
    """Return a place by its address."""
    offsite = Offsite(
        url=url,
        endpoint=endpoint,
        region="eu-central-1" if endpoint else "",
        access_key=Secret("KEY", "a-key"),
        secret_key=Secret("SECRET", "a-secret"),
        recipients=tuple(str(each.to_public()) for each in (OPERATOR, SEALED)),
    )
    store = MemoryStore() if url == "s3://memory" else stores.opened(offsite)
    assert isinstance(store, MemoryStore | LocalStore) or endpoint
    return Bench(offsite=offsite, folder=folder, store=store).with_key(OPERATOR)


def made(shelf: Path, name: str, size: int, *, seed: int = 1, taken_at: str = "") -> Backup:
    """Write what the backup script would, of random bytes, and return it."""
    folder = shelf / name
    (folder / "dump").mkdir(parents=True)
    content = {
        "dump/1.dat": Random(f"{name}{seed}").randbytes(size),
        "dump/2.dat": b"",
        "dump/toc.dat": b"PGDMP",
        "globals.sql": b"-- none",
    }
    for path, each in content.items():
        (folder / path).write_bytes(each)
    files = [
        {"path": path, "size_bytes": len(each), "sha256": hashlib.sha256(each).hexdigest()}
        for path, each in sorted(content.items())
    ]
    moment = taken_at or f"{datetime.strptime(name[:15], '%Y%m%dT%H%M%S').replace(tzinfo=UTC):%FT%TZ}"
    chain = "".join(f"{each['sha256']}  {each['path']}\n" for each in files)
    said = _manifest(name, moment, files, chain)
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    manifest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{chain}{manifest}  manifest.json\n", encoding="ascii")
    return manifests.read(folder / "manifest.json")


def _manifest(name: str, moment: str, files: list[dict[str, Any]], chain: str) -> dict[str, Any]:
    """Return what the script would say of some files."""
    return {
        "format": 2,
        "name": name,
        "taken_at": moment,
        "finished_at": moment,
        "database_bytes": 1,
        "size_bytes": sum(each["size_bytes"] for each in files),
        "sha256": hashlib.sha256(chain.encode()).hexdigest(),
        "client_version": "18.4",
        "compression": "zstd:3",
        "jobs": 1,
        "files": files,
        "schema_revision": "r1",
        "facts": _FACTS,
        "large_objects": {"count": 0, "digest": "0"},
        "sequences": [],
        "sequences_after": [],
        "tables": [],
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def sha256(content: bytes) -> str:
    """Return a sum."""
    return hashlib.sha256(content).hexdigest()


def archive(backup: Backup, **label: Any) -> bytes:
    """Return what is encrypted of a backup, with other words in its label."""
    subject = index.subject("prod", backup, packing.size(backup))
    return b"".join(packing.packed(backup, replace(subject, **label)))


def relabel(content: bytes, said: bytes) -> bytes:
    """Return an archive with the label that an index says."""
    document = json.loads(said)
    names = ("environment", "name", "taken_at", "schema_revision", "backup_sha256", "plain_bytes")
    label = json.dumps({name: document[name] for name in names}).encode()
    return _edited(content, lambda name, each: (name, label if name == packing.LABEL else each))


def without(content: bytes, path: str, *, root: bool = True) -> bytes:
    """Return an archive without one of its files."""
    gone = f"{NAME}/{path}" if root else path
    return _edited(content, lambda name, each: None if name == gone else (name, each))


def with_file(content: bytes, path: str) -> bytes:
    """Return an archive with one file more."""
    return _edited(content, lambda name, each: (name, each), more=tarfile.TarInfo(path))


def with_link(content: bytes, path: str) -> bytes:
    """Return an archive with a link to elsewhere."""
    info = tarfile.TarInfo(path)
    info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return _edited(content, lambda name, each: (name, each), more=info)


def _edited(
    content: bytes,
    edit: Callable[[str, bytes], tuple[str, bytes] | None],
    *,
    more: tarfile.TarInfo | None = None,
) -> bytes:
    """Return an archive with other files in it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(content)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            file = old.extractfile(member)
            edited = edit(member.name, file.read() if file else b"")
            if edited:
                member.name, body = edited
                member.size = len(body)
                new.addfile(member, io.BytesIO(body))
        if more:
            new.addfile(more)
    return out.getvalue()
