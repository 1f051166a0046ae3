"""Drills on a real server and at a real other place: good, refused with the reason, killed; all of it written down."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pyrage
import pytest
from psycopg import conninfo

from gonogo import bootstrap, drills
from gonogo.adapters import apart, drilling
from gonogo.adapters.ledger import SqlLedger
from gonogo.bootstrap import Tools
from gonogo.errors import ExitCode, RefusedError, UsageError
from gonogo.local.waiting import until
from gonogo.model import BackupPolicy, Config, Offsite, Secret
from gonogo.testing import config
from tests.backups import places
from tests.backups.places import Place
from tests.contracts import databases

pytestmark = pytest.mark.contracts

SERVER = os.environ.get("TEST_DATABASE_URL", "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Yard:
    """An environment whose backups are drilled: no service answers there, and no release was ever made."""

    config: Config
    place: Place

    def drill(self, *, name: str = "", local: bool = False) -> bootstrap.Drilled:
        """Hold a drill."""
        tools = Tools(vault=bootstrap.vault(self.config), revival=None, told=lambda _: None)
        return bootstrap.drill(self.config, tools, name=name, local=local)

    def kept(self) -> list[tuple[str, bool]]:
        """Return what the ledger says of drills: the backups, and whether each was good."""
        entries = SqlLedger(self.config.ledger_url).read(drills.stream("prod"))
        return [(each.backup, each.is_good) for each in drills.held(entries)]

    def log(self) -> str:
        """Return the evidence log."""
        path = self.config.log
        return path.read_text(encoding="utf-8") if path and path.exists() else ""


def scratches() -> list[str]:
    """Return the databases that drills have left on the test server."""
    with psycopg.connect(SERVER) as connection:
        rows = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'gonogo_scratch_drill')")
        return [str(name) for (name,) in rows.fetchall()]


def configured(root: Path, url: str, *, offsite: Offsite | None = None) -> Config:
    """Return the configuration of an environment."""
    plain = config(root)
    target = replace(
        plain.target,
        api_url="http://127.0.0.1:9",
        database_url=Secret("DATABASE_URL", url),
        scratch_url=Secret("SCRATCH_DATABASE_URL", SERVER),
        backups=BackupPolicy(offsite=offsite),
    )
    return replace(plain, ledger_url=f"sqlite:///{root}/ledger.db", target=target)


@pytest.fixture
def yard(place: Place, tmp_path: Path) -> Yard:
    """Return an environment with one backup on this machine; its server is the only one, as a local stack's is."""
    name = conninfo.conninfo_to_dict(place.url)["dbname"]
    databases.run(place.url, f"COMMENT ON DATABASE \"{name}\" IS '{apart.STACK}'")
    found = configured(tmp_path, place.url)
    stored = Place(url=place.url, folder=found.state / "backups" / "prod")
    stored.backups.take(f"{datetime.now(UTC):%Y%m%dT%H%M%S}Z")
    return Yard(config=found, place=stored)


@pytest.fixture
def away(yard: Yard, tmp_path: Path) -> Yard:
    """Return the same with another place, to which the backup was copied."""
    keys = [pyrage.x25519.Identity.generate() for _ in range(2)]
    (tmp_path / "key").touch(mode=0o600)
    (tmp_path / "key").write_text(str(keys[0]), encoding="utf-8")
    (tmp_path / "disk").mkdir()
    offsite = Offsite(
        url=f"file://{tmp_path}/disk",
        recipients=tuple(str(each.to_public()) for each in keys),
        identity=Secret("IDENTITY", str(tmp_path / "key")),
    )
    found = replace(yard, config=configured(tmp_path, yard.place.url, offsite=offsite))
    backup = found.place.backups.newest()
    vault = bootstrap.vault(found.config)
    assert backup
    assert vault
    vault.push(backup)
    return found


def test_a_good_one_is_written_down_and_leaves_nothing(yard: Yard) -> None:
    """In the ledger, in the evidence log, and nowhere else."""
    found = yard.drill()
    name = yard.place.backups.names()[-1]
    assert found.drill.problems == ()
    assert (found.drill.backup, found.drill.schema_revision, found.drill.is_offsite) == (name, "r1", False)
    assert 0 <= found.drill.rpo_s < timedelta(days=1).total_seconds()
    assert yard.kept() == [(name, True)]
    assert f"DRILLED prod backup {name}" in yard.log()
    assert any("this machine" in each for each in found.notes)


def test_the_copy_at_the_other_place_is_fetched_and_goes_again(away: Yard) -> None:
    """With everything on this machine lost."""
    name = away.place.backups.names()[-1]
    places.flip(next((away.place.folder / name / "dump").glob("*.dat*")))
    found = away.drill()
    assert (found.drill.problems, found.drill.is_offsite, found.drill.backup) == ((), True, name)
    assert list((away.config.state / "fetched").iterdir()) == []
    assert away.drill(local=True).drill.is_good is False
    assert away.kept() == [(name, True), (name, False)]


def test_a_place_that_is_away_is_a_failed_drill_with_its_own_code(away: Yard, tmp_path: Path) -> None:
    """Whoever asks later sees that it was tried."""
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    found = away.drill()
    assert found.drill.is_good is False
    assert [good for _, good in away.kept()] == [False]
    assert found.failure
    assert found.failure.exit_code in {ExitCode.UNREACHABLE, ExitCode.ROLLED_BACK}


def _drop_a_file(folder: Path) -> None:
    next((folder / "dump").glob("*.dat*")).unlink()


def _other_rows(folder: Path) -> None:
    places.edit(tables__1__digest="1")(folder)


def _other_day(folder: Path) -> None:
    places.edit(taken_at="2020-01-01T00:00:00+00:00")(folder)


def _a_role_more(folder: Path) -> None:
    roles = folder / "globals.sql"
    roles.write_text(f"{roles.read_text(encoding='utf-8')}CREATE ROLE nobody_here;\n", encoding="utf-8")
    places.edit(facts__roles=["nobody_here"])(folder)


def _an_extension_more(folder: Path) -> None:
    places.edit(facts__extensions={"not_to_be_had": "1.0"})(folder)


def _an_older_schema(folder: Path) -> None:
    places.edit(schema_revision="r0")(folder)


def _half(folder: Path) -> None:
    (folder / "manifest.json").unlink()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda folder: places.flip(folder / "dump" / "toc.dat"), "not what was written"),
        (_drop_a_file, "missing"),
        (_other_rows, "other values"),
        (_other_day, "20"),
        (_a_role_more, "nobody_here"),
        (_an_extension_more, "not_to_be_had"),
        (_an_older_schema, "r0"),
        (_half, "no backup"),
    ],
)
def test_what_is_wrong_is_refused_with_the_reason_and_written_down(
    yard: Yard, spoil: Callable[[Path], None], reason: str
) -> None:
    """Whether it is seen by reading, by the server or by comparing."""
    name = yard.place.backups.names()[-1]
    spoil(yard.place.folder / name)
    found = yard.drill()
    assert reason in " ".join(found.drill.problems)
    assert [good for _, good in yard.kept()] == [False]
    assert yard.log() == ""


def test_a_name_that_is_none_is_a_matter_of_words(yard: Yard) -> None:
    """It says nothing of any backup, and is not written down."""
    with pytest.raises(UsageError, match="no backup nothing"):
        yard.drill(name="nothing")
    assert yard.kept() == []


def test_the_database_that_is_served_is_no_place_for_a_drill(yard: Yard) -> None:
    """However it is written, and whatever it is called."""
    target = replace(
        yard.config.target,
        scratch_url=Secret(
            "SCRATCH_DATABASE_URL", f"{yard.place.url}{'&' if '?' in yard.place.url else '?'}connect_timeout=9"
        ),
    )
    found = replace(yard, config=replace(yard.config, target=target)).drill()
    assert "leads to the target's own server: it is the same database" in " ".join(found.drill.problems)


def test_a_database_without_our_mark_is_never_dropped(yard: Yard) -> None:
    """Though it has a name of ours."""
    name = f"gonogo_scratch_drilltest{os.getpid()}"
    backup = yard.place.backups.newest()
    assert backup
    databases.run(SERVER, f"CREATE DATABASE {name}")
    try:
        with (
            pytest.raises(RefusedError, match="does not say"),
            drilling.restored(Secret("SCRATCH", SERVER), backup, name, target=None),
        ):
            pass
        assert name in scratches()
    finally:
        databases.run(SERVER, f"DROP DATABASE {name}")


_KILLED = """
    import sys
    sys.path[:0] = {path!r}
    from pathlib import Path
    from gonogo import bootstrap
    from gonogo.bootstrap import Tools
    from tests.backups.test_drills import configured
    def told(stage):
        print(stage, flush=True)
    class Waits:
        def read(self, release, database):
            raise AssertionError
    found = configured(Path({root!r}), {url!r})
    import gonogo.bootstrap.drilling as room
    def wait(course, *_):
        print("restored", flush=True)
        import time
        time.sleep(600)
    room._used = wait
    bootstrap.drill(found, Tools(vault=None, revival=None, told=told))
"""


def test_killed_with_9_its_copy_of_all_data_goes_with_the_next_drill(yard: Yard, tmp_path: Path) -> None:
    """A copy of production's data must not stay."""
    text = textwrap.dedent(_KILLED).format(path=sys.path, root=str(tmp_path), url=yard.place.url)
    with subprocess.Popen((sys.executable, "-c", text), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        with suppress(StopIteration):
            next(line for line in process.stdout if line.strip() == "restored")
        left = set(scratches())
        process.send_signal(signal.SIGKILL)
    assert left
    until(lambda: yard.drill().drill.is_good and not left & set(scratches()), "the end of the copy", seconds=120)
