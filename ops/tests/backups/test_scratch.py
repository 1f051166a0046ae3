"""A check restores all data into a scratch database: it is never left for ever, never on the server that serves."""

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from gonogo.adapters import claims, postgres
from gonogo.adapters.postgres import Postgres
from gonogo.errors import RefusedError
from gonogo.model import Backup, Secret
from tests.backups.places import Place

pytestmark = pytest.mark.contracts

# Killed when all data is in the copy, and before anybody has looked at it.
_CHECK = """
import sys
from pathlib import Path
from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.postgres import Postgres
from gonogo.model import Secret

class Held(Postgres):
    def compare(self, backup, scratch_name):
        print("filled", flush=True)
        sys.stdin.read()

url, folder, name, scratch = sys.argv[1:]
own = Secret("DATABASE_URL", url)
backup = ScriptBackups(("false",), root=Path(folder), folder=Path(folder), url=own).find(name)
Held(own, scratch_url=own, is_shared=True).restore(backup, scratch)
"""


@pytest.fixture
def backup(place: Place, earlier: Path) -> Backup:
    """Return a backup of the place's database."""
    found = Place(url=place.url, folder=earlier.parent).backups.find(earlier.name)
    assert found
    return found


def marks(place: Place, prefix: str) -> dict[str, str]:
    """Return the databases whose name begins so, with what they say of themselves."""
    query = "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database WHERE starts_with(datname, %s)"
    with psycopg.connect(place.url) as connection:
        return {str(name): str(said) for name, said in connection.execute(query, [prefix]).fetchall()}


def test_what_a_killed_check_leaves_is_dropped_by_the_next_one(place: Place, backup: Backup) -> None:
    """Kill -9: it says already whose it is, is left alone while somebody lives, and goes with whoever comes next."""
    name = f"{place.scratch}killed"
    folder = backup.manifest.parent
    command = (sys.executable, "-c", _CHECK, place.url, str(folder.parent), folder.name, name)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "filled\n"
        assert marks(place, name) == {name: f"gonogo trial {name}"}
        place.database.restore(backup, place.scratch)
        assert name in marks(place, name), "somebody works on it"
        running.kill()
    # A server sees a moment later that nobody is there any more.
    with psycopg.connect(place.url, autocommit=True) as connection:
        assert claims.take(connection, name, patience_s=60.0)
    place.database.restore(backup, place.scratch)
    assert marks(place, name) == {}
    place.database.drop_scratch(place.scratch)


def test_a_copy_that_somebody_works_on_is_not_taken_from_them(
    place: Place, backup: Backup, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two checks of one backup at a time: the second is refused, and its cleaning up leaves the first alone."""
    monkeypatch.setattr(postgres, "_LETS_GO_S", 0.0)
    with psycopg.connect(place.url, autocommit=True) as theirs:
        assert claims.take(theirs, place.scratch)
        theirs.execute(f'CREATE DATABASE "{place.scratch}"'.encode())
        with pytest.raises(RefusedError, match=f"another process works on {place.scratch}"):
            place.database.restore(backup, place.scratch)
        with pytest.raises(RefusedError, match=f"another process works on {place.scratch}"):
            place.database.drop_scratch(place.scratch)
        assert place.scratch in marks(place, place.scratch)
    place.database.drop_scratch(place.scratch)


def test_the_server_that_serves_is_no_place_for_a_check(place: Place, backup: Backup) -> None:
    """A copy of all data would fill its disk; it is refused before anything is made."""
    scratch = Secret("SCRATCH_DATABASE_URL", place.url)
    with pytest.raises(RefusedError, match="SCRATCH_DATABASE_URL leads to the target's own server") as refused:
        Postgres(Secret("DATABASE_URL", place.url), scratch_url=scratch).restore(backup, place.scratch)
    assert refused.value.reference == "scratch-is-target"
    assert refused.value.hint.startswith("set scratch_url")
    assert marks(place, place.scratch) == {}
