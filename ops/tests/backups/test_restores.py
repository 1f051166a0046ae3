"""Restores beside a database that is served, on a real server: filled, switched, switched back, killed."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import sql

from gonogo.adapters.restores import SqlRestores
from gonogo.errors import RefusedError
from gonogo.local.waiting import until
from gonogo.model import DatabaseSeen, Restoring, Secret
from tests.backups import places
from tests.backups.places import Place
from tests.contracts import databases

pytestmark = pytest.mark.contracts

SERVER = os.environ.get("TEST_DATABASE_URL", "")


def restores(place: Place) -> SqlRestores:
    """Return the databases of a place's server."""
    return SqlRestores(
        Secret("DATABASE_URL", place.url),
        backups=place.backups,
        vault=lambda: None,
        folder=place.folder / "fetched",
        environment="prod",
        migrations=lambda _: (_ for _ in ()).throw(AssertionError("nothing is migrated here")),
    )


def wish(place: Place, backup: str = "b") -> Restoring:
    """Return what is wanted, by names that no other test uses."""
    served = urlsplit(place.url).path.lstrip("/")
    return Restoring(backup=backup, is_offsite=False, into=f"{served}_back", served=served, former=f"{served}_before")


def seen(place: Place, name: str) -> DatabaseSeen | None:
    """Return a database of the server."""
    return next((each for each in restores(place).databases() if each.name == name), None)


def beside(place: Place, name: str) -> str:
    """Return the way to another database of the server."""
    return urlsplit(place.url)._replace(path=f"/{name}").geturl()


@contextmanager
def tidied(place: Place) -> Iterator[Restoring]:
    """Yield a wish; every database of its names is gone afterwards, but for the one that the place drops."""
    wanted = wish(place)
    try:
        yield wanted
    finally:
        with psycopg.connect(SERVER, autocommit=True) as connection:
            for name in (wanted.into, wanted.former):
                connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def wanted(place: Place) -> Iterator[Restoring]:
    """Return what is wanted of a place that has a backup."""
    place.backups.take("b")
    with tidied(place) as found:
        yield found


def test_a_restore_has_owners_privileges_settings_and_its_mark(place: Place, wanted: Restoring) -> None:
    """What the dump does not hold is taken over from what is served."""
    name = sql.Identifier(wanted.served)
    databases.run(
        place.url,
        sql.SQL("ALTER DATABASE {} SET search_path = public, pg_catalog").format(name),
        sql.SQL("ALTER DATABASE {} SET statement_timeout = '17s'").format(name),
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name),
        "GRANT SELECT ON north TO PUBLIC",
    )
    place.backups.take("c")
    restores(place).restore(replace(wanted, backup="c"), "r-1")
    found = seen(place, wanted.into)
    assert found is not None
    assert found.mark == "restored r-1"
    there = beside(place, wanted.into)
    assert databases.one(there, "SHOW statement_timeout") == "17s"
    assert databases.one(there, "SHOW search_path") == "public, pg_catalog"
    assert databases.one(there, "SELECT has_table_privilege('public', 'north', 'SELECT')") is True
    public = "SELECT bool_or(grantee = 0) FROM pg_database, aclexplode(datacl) WHERE datname = current_database()"
    assert databases.one(there, public) is False
    assert databases.one(there, "SELECT count(*) FROM north") == 500


def test_a_name_that_is_taken_is_never_gone_over(place: Place, wanted: Restoring) -> None:
    """Whoever has it, also when it comes up while the restore runs."""
    databases.run(SERVER, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(wanted.into)))
    databases.run(beside(place, wanted.into), "CREATE TABLE mine (i int)")
    assert "already" in " ".join(restores(place).obstacles(wanted))
    with pytest.raises(RefusedError, match="already"):
        restores(place).restore(wanted, "r-2")
    assert databases.one(beside(place, wanted.into), "SELECT count(*) FROM mine") == 0
    assert [each.name for each in restores(place).databases() if each.name.endswith("r_2")] == []


def test_a_corrupt_backup_makes_no_database(place: Place, wanted: Restoring) -> None:
    """It is said before, and refused in the restore itself, too."""
    places.flip(max((place.folder / "b" / "dump").iterdir(), key=lambda each: each.stat().st_size))
    assert "not what was written" in " ".join(restores(place).obstacles(wanted))
    with pytest.raises(RefusedError, match="not what was written"):
        restores(place).restore(wanted, "r-3")
    assert seen(place, wanted.into) is None


def test_what_is_restored_as_something_else_is_left_half_made_and_dropped(place: Place, wanted: Restoring) -> None:
    """It never has the name that was asked for."""
    places.edit(tables__1__rows=501)(place.folder / "b")
    with pytest.raises(RefusedError, match="501"):
        restores(place).restore(wanted, "r-4")
    assert seen(place, wanted.into) is None
    restores(place).drop("r-4")
    assert seen(place, "gonogo_restoring_r_4") is None


def test_a_switch_under_writers_loses_no_row_and_writes_to_one_database_at_a_time(
    place: Place, wanted: Restoring
) -> None:
    """Each row that a writer was told of is in the database that was served at that moment."""
    databases.run(place.url, "CREATE TABLE told (who int, i int)")
    place.backups.take("c")
    restores(place).restore(replace(wanted, backup="c"), "r-5")
    done, told = threading.Event(), [0] * 3
    writers = [threading.Thread(target=_write, args=(place.url, who, told, done)) for who in range(3)]
    for each in writers:
        each.start()
    until(lambda: all(told), "the writers' first rows", seconds=120)
    restores(place).switch(wanted, "r-5")
    before = list(told)
    until(lambda: all(now > then for now, then in zip(told, before, strict=True)), "rows after it", seconds=120)
    done.set()
    for each in writers:
        each.join()
    former = _rows(beside(place, wanted.former))
    served = _rows(place.url)
    assert former & served == set()
    # A commit whose answer was cut off is there although nobody was told of it.
    assert {(who, i) for who in range(3) for i in range(told[who])} <= former | served
    assert served
    assert (seen(place, wanted.served) or DatabaseSeen(name="", owner="", size_bytes=0)).mark == "served r-5"


def _write(url: str, who: int, told: list[int], done: threading.Event) -> None:
    """Write rows, one after the other, over whatever connection can be had."""
    while not done.is_set():
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            while not done.is_set():
                connection.execute("INSERT INTO told VALUES (%s, %s)", [who, told[who]])
                told[who] += 1


def _rows(url: str) -> set[tuple[int, int]]:
    with psycopg.connect(url) as connection:
        return {(who, i) for who, i in connection.execute("SELECT who, i FROM told").fetchall()}


def test_the_database_before_can_only_be_read_and_is_one_call_away(place: Place, wanted: Restoring) -> None:
    """Nobody writes to it by mistake, and after the way back everybody writes again."""
    restores(place).restore(wanted, "r-6")
    databases.run(place.url, "INSERT INTO numbered DEFAULT VALUES")
    restores(place).switch(wanted, "r-6")
    assert databases.one(place.url, "SELECT count(*) FROM numbered") == 1
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        databases.run(beside(place, wanted.former), "INSERT INTO numbered DEFAULT VALUES")
    restores(place).switch_back(wanted, "r-6")
    restores(place).switch_back(wanted, "r-6")
    databases.run(place.url, "INSERT INTO numbered DEFAULT VALUES")
    assert databases.one(place.url, "SELECT count(*) FROM numbered") == 3
    assert (seen(place, wanted.into) or DatabaseSeen(name="", owner="", size_bytes=0)).mark == "restored r-6"


def test_a_database_that_no_restore_has_made_is_not_switched_to(place: Place, wanted: Restoring) -> None:
    """It may be anybody's."""
    databases.run(SERVER, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(wanted.into)))
    alone = replace(wanted, backup="")
    assert "does not say" in " ".join(restores(place).obstacles(alone))


def test_prepared_transactions_are_said_before_and_refused_in_it(place: Place, wanted: Restoring) -> None:
    """They hold a database although nobody is connected."""
    if databases.one(place.url, "SHOW max_prepared_transactions") == "0":
        pytest.skip("this server takes no prepared transactions")
    restores(place).restore(wanted, "r-7")
    databases.run(place.url, "BEGIN; INSERT INTO numbered DEFAULT VALUES; PREPARE TRANSACTION 'held'")
    try:
        assert "prepared" in " ".join(restores(place).obstacles(replace(wanted, backup="")))
    finally:
        databases.run(place.url, "ROLLBACK PREPARED 'held'")


_KILLED = """
    import sys
    sys.path[:0] = {path!r}
    from pathlib import Path
    from tests.backups.places import Place
    from tests.backups import test_restores as here
    place = Place(url={url!r}, folder=Path({folder!r}))
    here.restores(place).restore(here.wish(place), here.wish(place).served)
"""


@pytest.mark.parametrize("moment", ["created", "filled"])
def test_killed_with_9_it_leaves_no_database_of_that_name_and_the_next_one_cleans_up(
    place: Place, wanted: Restoring, moment: str
) -> None:
    """What was half made is dropped by the next restore, of whatever release; what is served was never touched."""
    text = textwrap.dedent(_KILLED).format(path=sys.path, url=place.url, folder=str(place.folder))
    process = subprocess.Popen((sys.executable, "-c", text))
    half = f"gonogo_restoring_{wanted.served}"
    found = (lambda: seen(place, half)) if moment == "created" else (lambda: _has_rows(place, half))
    with suppress(Exception):
        until(lambda: found() or process.poll() is not None, "a database that is being filled", seconds=120)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if seen(place, wanted.into) is None:
        restores(place).restore(wanted, wanted.served)
    assert (
        seen(place, wanted.into) or DatabaseSeen(name="", owner="", size_bytes=0)
    ).mark == f"restored {wanted.served}"
    assert seen(place, half) is None
    assert databases.one(beside(place, wanted.into), "SELECT count(*) FROM south") == 500
    assert databases.one(place.url, "SELECT count(*) FROM south") == 500


def _has_rows(place: Place, name: str) -> bool:
    """Return whether a database that is being filled has a table by now."""
    with suppress(psycopg.Error):
        return databases.one(beside(place, name), "SELECT to_regclass('south')") is not None
    return False
