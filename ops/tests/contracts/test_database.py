"""The ports Database and Backups: what is dumped is what is restored."""

import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg import conninfo

from conftest import OwnServers
from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.postgres import Postgres, client_environ
from gonogo.errors import RefusedError, UnreachableError
from gonogo.local import postgres
from gonogo.model import Secret
from gonogo.protocols import Backups, Database
from gonogo.testing import MemoryBackups, MemoryDatabase, Scene
from tests.contracts import databases

pytestmark = pytest.mark.contracts

SCRIPT = Path(__file__).parents[2] / "backup_db.sh"
NOBODY = Secret("DATABASE_URL", f"postgresql://me:{databases.QUOTED_PASSWORD}@127.0.0.1:1/none")


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A database at revision r1 with three thoughts in it, and its backups.

    Attributes:
        scratch: a name for a scratch database.
        exists: whether a database of this name is there.
    """

    database: Database
    backups: Backups
    scratch: str
    exists: Callable[[str], bool]


@pytest.fixture
def url() -> Iterator[str]:
    """Return a database with a revision and rows, under names that need quoting."""
    with databases.created() as url:
        databases.run(
            url,
            "CREATE TABLE alembic_version (version_num text)",
            "INSERT INTO alembic_version VALUES ('r1')",
            "CREATE TABLE thoughts (id int)",
            "INSERT INTO thoughts SELECT generate_series(1, 3)",
            'CREATE SCHEMA "Odd|one"',
            """CREATE TABLE "Odd|one"."it's ""so"" ü" (id int)""",
        )
        yield url


@pytest.fixture
def backups(url: str, tmp_path: Path) -> ScriptBackups:
    """Return the script's backups of it."""
    return script_backups(Secret("DATABASE_URL", url), tmp_path)


@pytest.fixture(params=["memory", "real"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    """Return a database and its backups."""
    if request.param == "memory":
        scene = Scene()
        return Bench(
            database=MemoryDatabase(scene),
            backups=MemoryBackups(scene),
            scratch="gonogo_scratch_1",
            exists=scene.scratch.__contains__,
        )
    url: str = request.getfixturevalue("url")
    secret = Secret("DATABASE_URL", url)
    return Bench(
        database=Postgres(secret, scratch_url=secret, is_shared=True),
        backups=script_backups(secret, tmp_path),
        scratch=scratch_for(url),
        exists=lambda name: databases.one(url, f"SELECT 1 FROM pg_database WHERE datname = '{name}'") == 1,  # noqa: S608
    )


def script_backups(url: Secret, folder: Path) -> ScriptBackups:
    """Return the repository's own script behind the port."""
    return ScriptBackups(("sh", str(SCRIPT)), root=folder, folder=folder / "backups", url=url)


def scratch_for(url: str) -> str:
    """Return a scratch name that no other test uses."""
    return "gonogo_scratch_" + str(conninfo.conninfo_to_dict(url)["dbname"]).rpartition("_")[2]


class TestDatabase:
    """What the database says."""

    def test_versions_are_majors_that_fit(self, bench: Bench) -> None:
        """The dump tool is not older than the server."""
        tool = bench.database.dump_tool_version()

        assert 14 <= bench.database.server_version() < 100
        assert tool is not None
        assert tool >= bench.database.server_version()

    def test_the_revision_is_alembics(self, bench: Bench) -> None:
        """As its table says."""
        assert bench.database.revision() == "r1"

    def test_a_scratch_server_is_told_apart(self, url: str, own_servers: OwnServers) -> None:
        """By what the servers say and not by their URLs; one that does not answer is not this one."""
        own = Secret("DATABASE_URL", url)
        beside = Secret("SCRATCH_DATABASE_URL", os.environ["TEST_DATABASE_URL"])
        elsewhere = Secret("SCRATCH_DATABASE_URL", own_servers.database_url)

        found = [Postgres(own, scratch_url=each).scratch_is_apart() for each in (own, beside, elsewhere, NOBODY)]

        assert found == [False, False, True, True]

    def test_several_rows_are_no_revision(self) -> None:
        """Whichever came first would pass for where the schema is."""
        with databases.created() as url:
            databases.run(url, "CREATE TABLE alembic_version AS SELECT unnest('{a,b}'::text[]) AS version_num")
            secret = Secret("DATABASE_URL", url)
            with pytest.raises(RefusedError, match="holds 2 rows: a, b"):
                Postgres(secret, scratch_url=secret).revision()

    def test_the_size_is_in_bytes(self, bench: Bench) -> None:
        """More than none."""
        assert bench.database.size_bytes() > 0

    def test_a_password_that_never_ends_has_no_end(self, bench: Bench) -> None:
        """Unless somebody says until when it is taken."""
        assert bench.database.password_ends() is None

    @pytest.mark.parametrize(
        ("until", "ends"), [("2031-02-03 04:05:06+00", datetime(2031, 2, 3, 4, 5, 6, tzinfo=UTC)), ("infinity", None)]
    )
    def test_a_password_s_end_is_the_role_s(self, until: str, ends: datetime | None) -> None:
        """Of whoever logs in, not of the role that it acts as."""
        role = f"ends_{secrets.token_hex(4)}"
        with databases.created() as url:
            databases.run(url, f"CREATE ROLE {role} LOGIN PASSWORD 'x' VALID UNTIL '{until}'")
            try:
                own = Secret("DATABASE_URL", conninfo.make_conninfo(url, user=role, password="x"))
                assert Postgres(own, scratch_url=own).password_ends() == ends
            finally:
                databases.run(url, f"DROP ROLE {role}")


class TestBackups:
    """What the backup script leaves."""

    def test_a_backup_says_what_was_in_the_database(self, bench: Bench) -> None:
        """Revision and rows per table."""
        backup = bench.backups.take("one")

        assert backup.schema_revision == "r1"
        assert backup.row_counts["public.thoughts"] == 3

    def test_a_backup_is_found_again_by_its_name(self, bench: Bench) -> None:
        """With everything that its manifest says."""
        backup = bench.backups.take("one")

        assert bench.backups.find("one") == backup

    def test_an_unknown_backup_is_none(self, bench: Bench) -> None:
        """That is not an error."""
        assert bench.backups.find("one") is None

    def test_the_digest_is_the_manifests(self, bench: Bench) -> None:
        """While the file is what was written."""
        backup = bench.backups.take("one")

        assert bench.backups.digest(backup) == backup.sha256

    def test_free_space_is_known_before_the_first_backup(self, bench: Bench) -> None:
        """Also where the folder is not there yet."""
        assert bench.backups.free_bytes() > 0


class TestRestore:
    """restore and drop_scratch."""

    def test_what_was_dumped_is_restored(self, bench: Bench) -> None:
        """Every table with all of its rows."""
        backup = bench.backups.take("one")

        assert bench.database.restore(backup, bench.scratch) == backup.row_counts
        assert bench.exists(bench.scratch)
        bench.database.drop_scratch(bench.scratch)

    def test_a_scratch_database_can_be_dropped_twice(self, bench: Bench) -> None:
        """Also one that never was."""
        bench.database.restore(bench.backups.take("one"), bench.scratch)

        bench.database.drop_scratch(bench.scratch)
        bench.database.drop_scratch(bench.scratch)

        assert not bench.exists(bench.scratch)

    @pytest.mark.parametrize("name", ["app", "gonogo_scratch_", "gonogo_scratch_a; DROP", "GONOGO_scratch_1"])
    def test_only_our_own_databases_are_dropped(self, bench: Bench, name: str) -> None:
        """Whatever name is handed in."""
        with pytest.raises(RefusedError, match="not a scratch"):
            bench.database.drop_scratch(name)


class TestRealDatabase:
    """What only a real server shows."""

    def test_a_database_without_alembic_has_no_revision(self) -> None:
        """A new one."""
        with databases.created() as url:
            secret = Secret("DATABASE_URL", url)

            assert Postgres(secret, scratch_url=secret).revision() is None

    def test_restoring_over_a_leftover_starts_afresh(self, url: str, backups: ScriptBackups) -> None:
        """A killed run may have left its scratch database behind."""
        database = Postgres(Secret("A", url), scratch_url=Secret("B", url), is_shared=True)
        backup, scratch = backups.take("one"), scratch_for(url)
        database.restore(backup, scratch)

        assert database.restore(backup, scratch) == backup.row_counts
        database.drop_scratch(scratch)

    def test_a_damaged_dump_is_refused(self, url: str, backups: ScriptBackups) -> None:
        """Its digest differs, and pg_restore says no."""
        backup, scratch = backups.take("one"), scratch_for(url)
        largest = max(backup.dump.glob("*.gz"), key=lambda path: path.stat().st_size)
        largest.write_bytes(largest.read_bytes()[:-8])
        database = Postgres(Secret("A", url), scratch_url=Secret("B", url), is_shared=True)

        with pytest.raises(RefusedError, match=r"one cannot be restored: .*pg_restore"):
            database.restore(backup, scratch)
        assert backups.digest(backup) != backup.sha256
        database.drop_scratch(scratch)

    def test_a_server_that_does_not_answer_is_unreachable(self) -> None:
        """The host is named, the password is not."""
        with pytest.raises(UnreachableError) as caught:
            Postgres(NOBODY, scratch_url=NOBODY).server_version()

        assert "127.0.0.1" in repr(vars(caught.value))
        assert not leaks(repr(vars(caught.value)))

    def test_a_database_that_is_not_there_is_unreachable(self, url: str) -> None:
        """The server answers, and there is nothing to release to."""
        missing = Secret("DATABASE_URL", url.replace("/contracts_", "/missing_"))

        with pytest.raises(UnreachableError, match="does not exist"):
            Postgres(missing, scratch_url=missing).revision()


class TestScriptBackups:
    """What only the real script shows."""

    def test_the_manifest_counts_every_table(self, backups: ScriptBackups) -> None:
        """Whatever it is called."""
        counts = backups.take("one").row_counts

        assert counts == {"public.alembic_version": 1, "public.thoughts": 3, """Odd|one.it's "so" ü""": 0}

    def test_only_the_owner_can_read_it(self, backups: ScriptBackups) -> None:
        """A dump is everything that the service knows."""
        backup = backups.take("one")

        modes = {path.stat().st_mode & 0o077 for path in (backup.dump, backup.manifest, backup.dump.parent)}
        assert modes == {0}

    def test_half_a_backup_is_none(self, backups: ScriptBackups) -> None:
        """The manifest is written last; without it there is no backup, nor without the dump."""
        first, second = backups.take("one"), backups.take("two")
        first.manifest.unlink()
        shutil.rmtree(second.dump)

        assert (backups.find("one"), backups.find("two")) == (None, None)

    def test_a_name_is_not_used_twice(self, backups: ScriptBackups) -> None:
        """The first backup stays what it is."""
        first = backups.take("one")

        with pytest.raises(RefusedError, match="is there already"):
            backups.take("one")
        assert backups.digest(first) == first.sha256

    def test_a_failing_script_is_refused_with_its_last_words(self, url: str, tmp_path: Path) -> None:
        """And its exit status."""
        command = ("sh", "-c", "echo the disk is full >&2; exit 6")
        broken = ScriptBackups(command, root=tmp_path, folder=tmp_path, url=Secret("DATABASE_URL", url))

        with pytest.raises(RefusedError, match="ended with 6: the disk is full"):
            broken.take("one")

    def test_a_script_that_leaves_no_manifest_is_refused(self, url: str, tmp_path: Path) -> None:
        """Its word is not enough."""
        silent = ScriptBackups(("true",), root=tmp_path, folder=tmp_path, url=Secret("DATABASE_URL", url))

        with pytest.raises(RefusedError):
            silent.take("one")

    def test_a_server_that_does_not_answer_is_unreachable(self, tmp_path: Path) -> None:
        """The release is stopped before it began."""
        with pytest.raises(UnreachableError):
            script_backups(NOBODY, tmp_path).take("one")

    def test_by_hand_an_unreachable_database_is_exit_4(self, tmp_path: Path) -> None:
        """As the head of the script says; nothing that looks like a backup is left."""
        done = run_script(tmp_path, DATABASE_URL=NOBODY.reveal(), PATH=f"{postgres.bin_dir()}:/usr/bin:/bin")

        assert done.returncode == 4
        assert not leaks(done.stdout + done.stderr)
        assert list(tmp_path.glob("*.dump")) == []


class TestPassword:
    """A password with every special character reaches PostgreSQL, and nothing else."""

    def test_it_works_and_is_on_no_command_line(self, url: str, tmp_path: Path, commands: list[str]) -> None:
        """Dumped and restored as a role with such a password."""
        with databases.created_role() as role:
            secret = Secret("DATABASE_URL", databases.as_role(url, role))
            database = Postgres(secret, scratch_url=secret, is_shared=True)
            tracing = ScriptBackups(
                ("sh", "-c", f'sh -x {SCRIPT} 2>"$BACKUP_DIR/trace"'), root=tmp_path, folder=tmp_path, url=secret
            )
            backup = tracing.take("one")

            assert database.restore(backup, scratch_for(url)) == backup.row_counts
            database.drop_scratch(scratch_for(url))

        assert any("pg_restore" in command for command in commands)
        assert not leaks("\n".join(commands))
        assert not leaks((tmp_path / "trace").read_text())
        assert not leaks(backup.manifest.read_text())

    def test_the_client_programs_get_it_decoded(self) -> None:
        """In libpq's own variable."""
        environ = client_environ(NOBODY)

        assert environ == {
            "PGHOST": "127.0.0.1",
            "PGPORT": "1",
            "PGUSER": "me",
            "PGPASSWORD": databases.PASSWORD,
            "PGDATABASE": "none",
        }

    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            (NOBODY.reveal(), ["127.0.0.1", "1", "me", databases.PASSWORD, "none"]),
            ("postgresql://postgres:@/app?host=/run/pg", ["/run/pg", "", "postgres", "", "app"]),
            ("postgres://u@db.example/a%20b?sslmode=require", ["db.example", "", "u", "", "a b"]),
        ],
        ids=["password", "socket", "spaces"],
    )
    def test_the_script_takes_a_url_apart_as_libpq_does(self, tmp_path: Path, given: str, expected: list[str]) -> None:
        """Run by hand it gets nothing but the URL."""
        for name in ("psql", "pg_dump", "pg_restore"):
            told = 'printf "%s\\n" "$PGHOST" "$PGPORT" "$PGUSER" "$PGPASSWORD" "$PGDATABASE"'
            (tmp_path / name).write_text(f'#!/bin/sh\n{told} >"$SEEN"\nexit 1\n')
            (tmp_path / name).chmod(0o755)

        run_script(tmp_path, DATABASE_URL=given, PATH=f"{tmp_path}:/usr/bin:/bin", SEEN=str(tmp_path / "seen"))

        assert (tmp_path / "seen").read_text().splitlines() == expected


class TestManifest:
    """The document beside the dump."""

    def test_the_sums_can_be_checked_without_this_toolkit(self, backups: ScriptBackups) -> None:
        """With what every system has."""
        folder = backups.take("one").manifest.parent

        done = subprocess.run(("sha256sum", "-c", "SHA256SUMS"), cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0

    def test_it_is_json_with_every_field(self, backups: ScriptBackups) -> None:
        """For whoever reads it without this toolkit."""
        backup = backups.take("one")

        said = json.loads(backup.manifest.read_text())

        assert {"taken_at", "facts", "tables", "files", "sha256", "schema_revision", "size_bytes"} <= said.keys()
        folder = backup.manifest.parent
        paths = (
            path for path in folder.rglob("*") if path.is_file() and path.name not in {"manifest.json", "SHA256SUMS"}
        )
        assert said["size_bytes"] == sum(path.stat().st_size for path in paths)

    def test_an_empty_database_has_an_empty_count(self, tmp_path: Path) -> None:
        """And no revision."""
        with databases.created() as url:
            backup = script_backups(Secret("DATABASE_URL", url), tmp_path).take("one")

        assert replace(backup, row_counts=dict(backup.row_counts)).row_counts == {}
        assert backup.schema_revision is None


def run_script(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the backup script by hand."""
    environ = {"BACKUP_DIR": str(folder), **environ}
    return subprocess.run(("sh", str(SCRIPT)), cwd=folder, env=environ, capture_output=True, text=True, check=False)


def leaks(text: str) -> bool:
    """Return whether the password is in a text, as it is or as it stands in URLs."""
    return databases.PASSWORD in text or databases.QUOTED_PASSWORD in text


_watched: list[list[str]] = []


def _watch(event: str, details: tuple[object, ...]) -> None:
    """Write down each program that this process starts, while somebody is watching."""
    if event == "subprocess.Popen" and _watched:
        _watched[-1].append(str(details[1]))


sys.addaudithook(_watch)


@pytest.fixture
def commands() -> Iterator[list[str]]:
    """Return every command line that this process starts from now on."""
    seen: list[str] = []
    _watched.append(seen)
    yield seen
    _watched.remove(seen)
