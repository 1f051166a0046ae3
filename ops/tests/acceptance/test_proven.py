"""Backups proven and brought back on the local stack: drilled, refused, restored, switched, killed, gone on with."""

import os
import signal
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.acceptance.test_environments import values
from tests.acceptance.workshop import Workshop, until

pytestmark = pytest.mark.acceptance

# After how many seconds a restore is killed; each is then gone on with, and switched back.
MOMENTS = [float(each) for each in os.environ.get("RESTORE_KILLS", "1.5").split(",")]


def test_a_backup_is_drilled_and_brought_back(shop: Workshop) -> None:
    """Good, corrupt, restored and served with the data of the backup, killed with 9 and brought to its end."""
    assert shop.invoke("stack.up").code == 0
    url = values(shop)["DATABASE_URL"]
    name = backed_up(shop, url)

    assert_drilled(shop, name)
    assert_brought_back(shop, url, name)
    for number, seconds in enumerate(MOMENTS):
        assert_killed_and_gone_on_with(shop, url, name, into=f"killed{number}", seconds=seconds)
    assert_a_corrupt_one_is_refused(shop, name)

    assert shop.invoke("stack.down").code == 0
    until(lambda: not shop.leftovers(), "the end of the stack")


def backed_up(shop: Workshop, url: str) -> str:
    """Return the name of a backup that holds a note of its own."""
    run(url, "CREATE TABLE kept (words text)", "INSERT INTO kept VALUES ('as backed up')")
    done = shop.invoke("backup.run", "--env", "local", "--json")
    assert done.code == 0, done.stderr
    run(url, "INSERT INTO kept VALUES ('written since')")
    return str(done.said["name"])


def assert_drilled(shop: Workshop, name: str) -> None:
    """Assert that a drill proves it: the release runs on it, and nothing of it stays."""
    done = shop.invoke("backup.drill", "--env", "local", "--json")
    assert done.code == 0, done.stderr
    assert (done.said["backup"], done.said["good"], done.said["commit"][:12]) == (name, True, shop.version("HEAD~1"))
    assert done.said["rto_s"] > 0
    assert any("tests of the release's suite passed" in note for note in done.said["notes"])
    assert [each for each in databases(values(shop)["DATABASE_URL"]) if each.startswith("gonogo_")] == []


def assert_brought_back(shop: Workshop, url: str, name: str) -> None:
    """Assert that a restore is planned, confirmed by a name, served, and undone with one command."""
    asked = ("restore.run", "--env", "local", "--name", name, "--into", "brought", "--switch", "--json")
    served = urlsplit(url).path.lstrip("/")
    before = databases(url)
    assert [shop.invoke(*asked).code, shop.invoke(*asked, "--confirm", "brought").code] == [0, 2]
    assert databases(url) == before

    done = shop.invoke(*asked, "--confirm", served)
    assert done.code == 0, done.stderr
    assert words(url) == {"as backed up"}
    assert shop.invoke("health.check", "--env", "local").code == 0

    (former,) = databases(url) - before
    back = shop.invoke("restore.switch", "--env", "local", "--into", former, "--confirm", served, "--json")
    assert back.code == 0, back.stderr
    assert words(url) == {"as backed up", "written since"}


def assert_killed_and_gone_on_with(shop: Workshop, url: str, name: str, *, into: str, seconds: float) -> None:
    """Assert that what is killed is either before or after it, and that going on ends it."""
    served = urlsplit(url).path.lstrip("/")
    asked = ("restore.run", "--env", "local", "--name", name, "--into", into, "--switch", "--confirm", served)
    process = shop.start(*asked, "--json")
    until(lambda: process.poll() is not None or into in told(shop), "the restore's first entry")
    time.sleep(seconds)  # a moment that nobody chose
    process.send_signal(signal.SIGKILL)
    process.communicate()

    assert words(url) in ({"as backed up"}, {"as backed up", "written since"})
    gone_on = shop.invoke("deploy.resume", "--env", "local", "--json")
    assert gone_on.code in {0, 2}, gone_on.stderr  # 2: it had come to its end
    assert words(url) == {"as backed up"}
    assert [each for each in databases(url) if each.startswith("gonogo_")] == []


def assert_a_corrupt_one_is_refused(shop: Workshop, name: str) -> None:
    """Assert that neither a drill nor a restore takes it, and that the drill is written down."""
    folder = shop.path / ".gonogo" / "backups" / "local" / name
    spoilt = max((folder / "dump").iterdir(), key=lambda each: each.stat().st_size)
    content = bytearray(spoilt.read_bytes())
    content[len(content) // 2] ^= 1
    spoilt.write_bytes(content)
    drilled = shop.invoke("backup.drill", "--env", "local", "--name", name, "--json")
    assert (drilled.code, "not what was written" in drilled.said["problems"][0]) == (1, True)
    restored = shop.invoke("restore.run", "--env", "local", "--name", name, "--into", "spoilt", "--json")
    assert (restored.code, "not what was written" in restored.stderr) == (4, True)


def told(shop: Workshop) -> str:
    """Return what the ledger holds, as text."""
    path = Path(shop.path / ".gonogo" / "ledger.db")
    return "".join(each.read_bytes().decode("latin-1") for each in path.parent.glob("ledger.db*"))


def run(url: str, *statements: str) -> None:
    """Run statements."""
    with psycopg.connect(url, autocommit=True) as connection:
        for each in statements:
            connection.execute(each.encode())


def words(url: str) -> set[str]:
    """Return the notes in the database that is served."""
    with psycopg.connect(url) as connection:
        return {str(each) for (each,) in connection.execute("SELECT words FROM kept").fetchall()}


def databases(url: str) -> set[str]:
    """Return the names of the server's databases."""
    with psycopg.connect(url) as connection:
        return {str(each) for (each,) in connection.execute("SELECT datname FROM pg_database").fetchall()}
