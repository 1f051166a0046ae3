"""What a backup costs beside a bare pg_dump with the same options, and a check or drill beside a bare pg_restore."""

import os
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import psutil
import psycopg

from gonogo.adapters import drilling
from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.postgres import Postgres, client_environ
from gonogo.local import postgres
from gonogo.model import Backup, Secret

SCRIPT = Path(__file__).resolve().parents[1] / "ops" / "backup_db.sh"
_TABLES = 4
_SCRATCH = "gonogo_scratch_bench"
# Of text that compresses as people's does; a row has about half a kilobyte.
_FILL = """CREATE TABLE t{number} AS SELECT i AS id, gen_random_uuid() AS uid, now() - i * interval '1 second' AS at,
'kind' || i % 7 AS kind, i % 3 = 0 AS ok, (random() * 1000)::numeric(10, 2) AS amount,
(SELECT string_agg(substr(md5((i * 7 + k)::text), 1, 3 + k % 6), ' ') FROM generate_series(1, 60) k) AS body,
jsonb_build_object('a', i, 'b', md5(i::text)) AS extra FROM generate_series(1, {rows}) i"""


def measure(*, megabytes: int, rounds: int) -> dict[str, float]:
    """Return the ratios, each the median of rounds in which both take turns, and the memory that ours needs.

    Args:
        megabytes: How large the database is, about.
        rounds: How many times each is run.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench-backups-"))
    try:
        server = postgres.start(folder / "postgres", durable=False)
        url = postgres.create_database(server.url, "backups")
        with psycopg.connect(url, autocommit=True) as connection:
            for number in range(_TABLES):
                connection.execute(_FILL.format(number=number, rows=megabytes * 1900 // _TABLES).encode())
                connection.execute(f"ALTER TABLE t{number} ADD PRIMARY KEY (id)".encode())
        return compare(url, folder / "backups", rounds=rounds)
    finally:
        postgres.stop(folder / "postgres")
        shutil.rmtree(folder, ignore_errors=True)


def compare(url: str, folder: Path, *, rounds: int) -> dict[str, float]:
    """Return the figures for a database that is there.

    Args:
        url: Where it is; scratch databases are made beside it.
        folder: Where backups go.
        rounds: How many times each is run.
    """
    secret = Secret("DATABASE_URL", url)
    backups = ScriptBackups(("sh", str(SCRIPT)), root=SCRIPT.parent, folder=folder, url=secret)
    database, environ = Postgres(secret, scratch_url=secret, is_shared=True), client_environ(secret)
    jobs, programs = str(os.cpu_count()), postgres.bin_dir()
    dumping = (str(programs / "pg_dump"), "-Fd", "-j", jobs, "-Z", "gzip", "-f", str(folder / "bare"))
    restoring = (str(programs / "pg_restore"), "--no-owner", "--no-privileges", "--exit-on-error", "-j", jobs)
    folder.mkdir(parents=True)
    warm = backups.take("warm")
    dumps, restores, drills, memory = [], [], [], []
    for number in range(rounds):
        shutil.rmtree(folder / "bare", ignore_errors=True)
        bare = _timed(lambda: _run(dumping, environ))
        ours, peak = _watched(partial(backups.take, f"n{number}"))
        _recreate(database, url)
        poured = _timed(lambda: _run((*restoring, "-d", _SCRATCH, str(folder / "warm" / "dump")), environ))
        checked = _timed(lambda: database.restore(warm, _SCRATCH))
        database.drop_scratch(_SCRATCH)
        drilled = _timed(lambda: _drilled(secret, warm))
        dumps.append(ours / bare)
        restores.append(checked / poured)
        drills.append(drilled / poured)
        memory.append(peak)
        shutil.rmtree(folder / f"n{number}")
    return {
        "backup / bare pg_dump": statistics.median(dumps),
        "restore check / bare pg_restore": statistics.median(restores),
        "drill / bare pg_restore": statistics.median(drills),
        "backup: memory of its processes, MiB": max(memory),
    }


def _drilled(server: Secret, backup: Backup) -> None:
    """Restore and compare behind the guards of a drill, up to where the release would be started on it."""
    with drilling.restored(server, backup, _SCRATCH, target=None):
        return


def _recreate(database: Postgres, url: str) -> None:
    """Make an empty scratch database."""
    database.drop_scratch(_SCRATCH)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {_SCRATCH} TEMPLATE template0".encode())


def _run(command: Sequence[str], environ: Mapping[str, str]) -> None:
    subprocess.run(command, env={**os.environ, **environ}, check=True)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _watched(work: Callable[[], object]) -> tuple[float, float]:
    """Return how long something takes, and the most memory that the processes it starts have at a time, in MiB."""
    done, peak = threading.Event(), [0.0]

    def watch() -> None:
        while not done.wait(0.2):
            peak[0] = max(peak[0], sum(_resident(each) for each in psutil.Process().children(recursive=True)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        seconds = _timed(work)
    finally:
        done.set()
        watcher.join()
    return seconds, peak[0]


def _resident(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.Error:
        return 0.0
