"""Backups to copy, made without a database; places to copy them to; a real S3 server with faults."""

import hashlib
import io
import json
import logging
import tarfile
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import obstore
import pyrage
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from obstore.store import LocalStore, MemoryStore
from werkzeug.serving import make_server

from gonogo.adapters import manifests
from gonogo.adapters.vault import ObjectVault, index, packing, stores
from gonogo.model import Backup, Copy, Offsite, Secret

PART_BYTES = 1 << 16
NAME = "20261101T023000000000Z"
LATER = "20261102T023000000000Z"
OPERATOR, SEALED, STRANGER = (pyrage.x25519.Identity.generate() for _ in range(3))
_DENIED = (
    b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>%b</Code><Message>no</Message><RequestId>1</RequestId></Error>"
)
Start = Callable[..., Any]


@dataclass
class Faults:
    """What a server does wrong; nothing at first.

    Attributes:
        refuses: by the request's method, S3's word for why.
        away: whether it answers 503 to everything.
    """

    refuses: dict[str, str] = field(default_factory=dict)
    away: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """A real S3 server of this process."""

    url: str
    faults: Faults


@contextmanager
def serving() -> Iterator[Server]:
    """Yield a server that is gone afterwards."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    faults, real = Faults(), DomainDispatcherApplication(create_backend_app)

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        word = "DELETE" if "delete" in environ.get("QUERY_STRING", "").split("&") else method
        if faults.away or word in faults.refuses:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start("503 Away" if faults.away else "403 Forbidden", [("Content-Type", "application/xml")])
            return [b"" if faults.away else _DENIED % faults.refuses[word].encode()]
        found: Iterable[bytes] = real(environ, start)
        return found

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Server(f"http://127.0.0.1:{server.server_port}", faults)
    server.shutdown()
    thread.join()
    server.server_close()


def create_bucket(server: Server, name: str) -> None:
    """Make a bucket."""
    address = urlsplit(server.url)
    connection = HTTPConnection(address.netloc)
    connection.request("PUT", f"/{name}", headers={"Content-Length": "0"})
    assert connection.getresponse().status == 200
    connection.close()


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
    now: datetime = datetime(2026, 11, 3, tzinfo=UTC)

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
    said = {
        "format": 2,
        "name": name,
        "taken_at": moment,
        "finished_at": moment,
        "database_bytes": 1,
        "size_bytes": sum(map(len, content.values())),
        "sha256": hashlib.sha256(chain.encode()).hexdigest(),
        "client_version": "18.4",
        "compression": "zstd:3",
        "jobs": 1,
        "files": files,
        "schema_revision": "r1",
        "facts": {
            "database": "shop",
            "server_version": "18.4",
            "encoding": "UTF8",
            "locale": {},
            "extensions": {},
            "roles": [],
            "memberships": [],
            "objects": {"tables": 0},
        },
        "large_objects": {"count": 0, "digest": "0"},
        "sequences": [],
        "sequences_after": [],
        "tables": [],
    }
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")
    manifest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    (folder / "SHA256SUMS").write_text(f"{chain}{manifest}  manifest.json\n", encoding="ascii")
    return manifests.read(folder / "manifest.json")


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
