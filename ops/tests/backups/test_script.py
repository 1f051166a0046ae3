"""What the script does besides a good run: odd databases, a full disk, others at work, a lost server."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import OwnServers
from gonogo.adapters import contents
from gonogo.local import postgres
from gonogo.local.waiting import until
from tests.backups import places
from tests.backups.places import Place, before, leftovers, shim, waiting
from tests.contracts import databases

pytestmark = pytest.mark.contracts

ODD = (
    'CREATE SCHEMA "a.b|c"',
    """CREATE TABLE "a.b|c"."x\ny ""q"" 'ü|" (id int, "col ""x"" \nz" text, j json, e xml)""",
    """INSERT INTO "a.b|c"."x\ny ""q"" 'ü|" VALUES (1, E'a\\nb\\\\', '{"a": 1}', null)""",
    'CREATE TABLE "a.b" (c int)',
    'CREATE SCHEMA a CREATE TABLE "b.c" (i int)',
    "CREATE TABLE nothing ()",
    "INSERT INTO nothing DEFAULT VALUES",
    "CREATE TYPE mood AS ENUM ('glad', 'sad')",
    "CREATE DOMAIN positive AS int CHECK (value > 0)",
    """CREATE TABLE types (id serial, m mood, ms mood[], p positive, pt point, v tsvector, r int4range,
       t text, ia int[], g int GENERATED ALWAYS AS (1) STORED, rc regclass, oidc oid, by bytea, n numeric,
       f float8, i interval, c money)""",
    """INSERT INTO types (m, ms, p, pt, v, r, t, ia, rc, oidc, by, n, f, i, c)
       VALUES ('glad', '{glad,sad}', 3, '(1,2)', 'x y', '[1,3)', 'ä', '{1,2}', 'types', 5, '\\x00ff', 1.50,
       'NaN', '1 mon 2 days', 7)""",
    "INSERT INTO types DEFAULT VALUES",
    "ALTER TABLE types DROP COLUMN v",
    "CREATE UNLOGGED TABLE unlogged (i int)",
    "INSERT INTO unlogged VALUES (1)",
    "CREATE TABLE parted (i int) PARTITION BY RANGE (i)",
    "CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (10)",
    "INSERT INTO parted VALUES (5)",
    "CREATE TABLE parent (i int)",
    "CREATE TABLE child (j int) INHERITS (parent)",
    "INSERT INTO child VALUES (1, 2)",
    "INSERT INTO parent VALUES (9)",
    "CREATE MATERIALIZED VIEW seen AS SELECT * FROM parent",
    "CREATE VIEW looked AS SELECT * FROM parent",
    "SELECT lo_from_bytea(0, convert_to(repeat('x', 3000000), 'UTF8'))",
    "SELECT lo_from_bytea(0, convert_to(repeat('x', 1048576), 'UTF8'))",
    "SELECT lo_create(0)",
    "CREATE EXTENSION vector",
    "CREATE TABLE vectors (v vector(3))",
    "INSERT INTO vectors VALUES ('[1,2,3]')",
    "CREATE FOREIGN DATA WRAPPER elsewhere",
    "CREATE SERVER far FOREIGN DATA WRAPPER elsewhere",
    "CREATE FOREIGN TABLE distant (i int) SERVER far",
    "CREATE SEQUENCE fresh",
    "CREATE SEQUENCE downwards INCREMENT -1",
    "SELECT nextval('downwards'), nextval('downwards')",
    "CREATE TABLE alembic_version (version_num text)",
    """INSERT INTO alembic_version VALUES ('r"1')""",
)


def is_restored(place: Place, name: str) -> bool:
    """Return whether a backup is good and restores to what was dumped."""
    assert place.backups.verify(name) == ()
    backup = place.backups.find(name)
    assert backup
    try:
        return place.database.restore(backup, place.scratch) == backup.row_counts
    finally:
        place.database.drop_scratch(place.scratch)


@contextmanager
def role(options: str) -> Iterator[str]:
    """Yield a role with the password of all roles here."""
    with databases.created_role() as name:
        databases.run(os.environ["TEST_DATABASE_URL"], f"ALTER ROLE {name} {options}")
        yield name


class TestWhatIsThere:
    """Whatever a database may hold."""

    def test_everything_odd_comes_back(self, tmp_path: Path) -> None:
        """Names with quotes, bars, newlines and dots; every kind of table; every kind of type; large objects."""
        with databases.created() as url:
            databases.run(url, *ODD)
            place = Place(url=url, folder=tmp_path)
            backup = place.backups.take("odd")

            assert backup.schema_revision == 'r"1'
            assert backup.row_counts["public.parent"] == 1
            assert {"public.part", "public.unlogged", 'a."b.c"', 'public."a.b"'} <= backup.row_counts.keys()
            assert backup.contents
            assert backup.contents.large_objects[0] == 3
            assert backup.contents.objects["foreign tables"] == 1
            assert is_restored(place, "odd")

    def test_owners_and_groups_are_needed(self, place: Place) -> None:
        """So that a server without them is not taken for one that can be restored to."""
        with role("NOSUPERUSER") as owner, role("NOSUPERUSER NOLOGIN") as group:
            databases.run(place.url, f"GRANT {group} TO {owner}", f"ALTER TABLE north OWNER TO {owner}")
            contents = place.backups.take("owned").contents
            said = place.backups.verify("owned")
            databases.run(place.url, "ALTER TABLE north OWNER TO postgres")

        assert contents
        assert set(contents.roles) == {owner, group}
        assert (owner, group) in contents.memberships
        assert said == ()

    def test_rows_that_a_role_may_not_see_fail_it(self, place: Place) -> None:
        """Never are they left out in silence."""
        with role("NOSUPERUSER NOBYPASSRLS") as reader:
            databases.run(
                place.url,
                f"GRANT pg_read_all_data TO {reader}",
                "ALTER TABLE south ENABLE ROW LEVEL SECURITY",
                "SELECT lo_unlink(oid) FROM pg_largeobject_metadata",
            )
            done = place.run(DATABASE_URL=databases.as_role(place.url, reader), BACKUP_NAME="one")

        assert done.returncode == 5
        assert "row-level security" in done.stderr
        assert place.kept() == []

    def test_a_reader_that_passes_row_security_is_enough(self, place: Place) -> None:
        """It need not own anything; roles are written without passwords."""
        with role("NOSUPERUSER BYPASSRLS") as reader:
            grant = "SELECT format('GRANT SELECT ON LARGE OBJECT %s TO ', oid) FROM pg_largeobject_metadata"
            databases.run(
                place.url,
                f"GRANT pg_read_all_data TO {reader}",
                f"{databases.one(place.url, grant)}{reader}",
                "ALTER TABLE south ENABLE ROW LEVEL SECURITY",
            )
            done = place.run(DATABASE_URL=databases.as_role(place.url, reader), BACKUP_NAME="one")
            said = place.backups.verify("one")
            databases.run(place.url, f"DROP OWNED BY {reader}")

        assert (done.returncode, said) == (0, ()), done.stderr
        assert "PASSWORD" not in (place.folder / "one" / "globals.sql").read_text(encoding="utf-8")

    def test_the_script_asks_what_a_restore_is_held_against(self) -> None:
        """Word for word."""
        script = places.SCRIPT.read_text(encoding="utf-8")

        assert all(
            each in script for each in (contents.FACTS, contents.SEQUENCES, contents.LARGE_OBJECTS, contents.TABLES)
        )
        assert all(each.replace("SET ", "SET LOCAL ") in script for each in contents.SETTINGS)


class TestRefusals:
    """What ends it before it has begun, with what code."""

    @pytest.mark.parametrize(
        ("environ", "code", "words"),
        [
            ({"BACKUP_NAME": "../up"}, 2, "BACKUP_NAME may hold"),
            ({"BACKUP_NAME": ".hidden"}, 2, "BACKUP_NAME may hold"),
            ({"BACKUP_JOBS": "many"}, 2, "BACKUP_JOBS is a number"),
            ({"DATABASE_URL": "", "PGDATABASE": ""}, 2, "neither DATABASE_URL nor PGDATABASE"),
            ({"BACKUP_DIR": "/dev/null/none"}, 2, "cannot be written to"),
            ({"BACKUP_COMPRESSION": "brotli"}, 5, "brotli"),
        ],
        ids=str,
    )
    def test_wrong_words_are_told(self, place: Place, environ: Mapping[str, str], code: int, words: str) -> None:
        """And nothing is left."""
        done = place.run(**environ)

        assert (done.returncode, words in done.stderr) == (code, True), done.stderr
        assert place.kept() == leftovers(place) == []

    def test_a_client_older_than_the_server_is_refused(
        self, place: Place, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """With what is to be installed."""
        tools = shim(tmp_path_factory.mktemp("tools"), "pg_dump", 'echo "pg_dump (PostgreSQL) 9.6.1"')
        done = place.run(PATH=before(tools))

        assert done.returncode == 3
        assert "install the PostgreSQL 18 client" in done.stderr

    def test_too_little_room_is_told_in_numbers(self, place: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
        """Before anything is written."""
        tools = shim(tmp_path_factory.mktemp("tools"), "df", "echo head; echo /dev/x 100 96 2048 98% /")
        done = place.run(PATH=before(tools))

        assert done.returncode == 6
        assert "2 MiB free" in done.stderr
        assert "MiB needed" in done.stderr


class TestFullDisk:
    """The disk fills up during the dump."""

    def test_earlier_backups_stay_what_they_are(
        self, heavy: str, earlier: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """What was begun is gone, what was there is good, and the words say what to do."""
        mounted = subprocess.run(
            ("mount", "-t", "tmpfs", "-o", "size=20m", "none", tmp_path), capture_output=True, check=False
        )
        if mounted.returncode != 0:
            pytest.skip("no small disk can be mounted here")
        tools = shim(tmp_path_factory.mktemp("tools"), "df", "echo head; echo /dev/x 100 96 99999999 1% /")
        try:
            first = Path(shutil.copytree(earlier, tmp_path / "earlier"))
            place = Place(url=heavy, folder=tmp_path)
            done = [place.run(PATH=before(tools), BACKUP_NAME=f"n{number}") for number in range(2)]

            assert [each.returncode for each in done] == [0, 6], done
            assert "no space left" in done[1].stderr
            assert place.kept() == ["earlier", "n0"]
            assert leftovers(place) == []
            assert place.backups.verify("n0") == place.backups.verify(first.name) == ()
        finally:
            subprocess.run(("umount", tmp_path), check=True)


class TestOthers:
    """Somebody else is at work in the same folder."""

    def test_a_live_run_is_left_alone(self, place: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
        """Another name goes through meanwhile, the same name is refused, and the first one ends well."""
        aside = tmp_path_factory.mktemp("aside")
        text = waiting(aside)
        environ = place.environ(PATH=before(shim(aside / "tools", "pg_dump", text)), BACKUP_NAME="one")
        first = subprocess.Popen(("sh", str(places.SCRIPT)), cwd=place.folder, env=environ, stdout=subprocess.DEVNULL)
        until((aside / "begun").exists, "the first run's dump", seconds=60)
        second, third = place.run(BACKUP_NAME="two"), place.run(BACKUP_NAME="one")
        (aside / "go").touch()

        assert first.wait(120) == 0
        assert (second.returncode, third.returncode) == (0, 7)
        assert place.kept() == ["one", "two"]
        assert place.backups.verify("one") == place.backups.verify("two") == ()

    def test_what_another_machine_writes_is_left_alone(self, place: Place) -> None:
        """Its processes cannot be seen from here; what it has not touched for a day is removed."""
        fresh, old = place.folder / ".fresh.part", place.folder / ".old.part"
        for each in (fresh, old):
            each.mkdir()
            (each / "owner").write_text("elsewhere 1 1\n", encoding="utf-8")
        for each in (old / "owner", old):
            os.utime(each, (1, 1))

        assert place.run(BACKUP_NAME="one").returncode == 0
        assert leftovers(place) == [".fresh.part"]

    def test_a_number_that_is_used_again_is_not_the_dead_run(self, place: Place) -> None:
        """This very process has the number, and began at another time."""
        left = place.folder / ".dead.part"
        left.mkdir()
        (left / "owner").write_text(f"{os.uname().nodename} {os.getpid()} 1\n", encoding="utf-8")

        assert place.run(BACKUP_NAME="one").returncode == 0
        assert leftovers(place) == []


class TestLostServer:
    """The server goes away in the middle."""

    def test_it_is_said_and_nothing_is_kept(self, own_servers: OwnServers, tmp_path: Path) -> None:
        """Exit 4, as for one that was never there."""
        folder, aside = tmp_path / "backups", tmp_path / "aside"
        folder.mkdir()
        aside.mkdir()
        databases.run(own_servers.database_url, *places.SHOP)
        place = Place(url=own_servers.database_url, folder=folder)
        text = waiting(aside)
        environ = place.environ(PATH=before(shim(aside / "tools", "pg_dump", text)), BACKUP_NAME="one")
        command = ("sh", str(places.SCRIPT))
        run = subprocess.Popen(
            command, cwd=folder, env=environ, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        until((aside / "begun").exists, "the dump", seconds=60)
        postgres.stop(own_servers.folder / "postgres")
        (aside / "go").touch()
        _, said = run.communicate(timeout=120)

        assert run.returncode == 4, said
        assert "the database was lost during the dump" in said
        assert place.kept() == leftovers(place) == []
