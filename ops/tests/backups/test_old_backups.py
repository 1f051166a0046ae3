"""Backups from before they were folders: one file and a manifest beside it. They are still checked and restored."""

import hashlib
import json
import re
import subprocess
from collections.abc import Callable

import pytest

from gonogo.local import postgres
from tests.backups import places
from tests.backups.places import Place

pytestmark = pytest.mark.contracts


@pytest.fixture
def old(place: Place) -> Place:
    """Return a place with such a backup, `old`."""
    said = places.document(place.backups.take("new").manifest.parent)
    dump = place.folder / "old.dump"
    command = (postgres.bin_dir() / "pg_dump", "-Fc", "--no-owner", "--no-privileges", "-f", dump, "-d", place.url)
    subprocess.run(command, check=True)
    content = dump.read_bytes()
    manifest = {
        "taken_at": said["taken_at"],
        "sha256": hashlib.sha256(content).hexdigest(),
        "size_bytes": len(content),
        "server_version": said["facts"]["server_version"],
        "schema_revision": "r1",
        "row_counts": {f"{each['schema']}.{each['name']}": each["rows"] for each in said["tables"]},
    }
    (place.folder / "old.json").write_text(json.dumps(manifest), encoding="utf-8")
    return place


@pytest.mark.parametrize("kind", ["cut short", "one bit", "dump missing", "a field missing"])
def test_a_damaged_one_is_refused(old: Place, kind: str) -> None:
    """With the reason."""
    dump, manifest = old.folder / "old.dump", old.folder / "old.json"
    damages: dict[str, Callable[[], object]] = {
        "cut short": lambda: dump.write_bytes(dump.read_bytes()[:-9]),
        "one bit": lambda: places.flip(dump),
        "dump missing": dump.unlink,
        "a field missing": lambda: manifest.write_text('{"sha256": ""}', encoding="utf-8"),
    }
    assert old.backups.verify("old") == ()
    damages[kind]()

    said = "; ".join(old.backups.verify("old"))
    assert re.search("bytes, the manifest says|not what was written|is missing", said)


def test_it_is_restored_to_the_rows_that_were_counted(old: Place) -> None:
    """More its manifest does not know."""
    backup = old.backups.find("old")

    assert backup
    assert old.backups.names() == ("new", "old")
    assert old.backups.digest(backup) == backup.sha256
    assert old.database.restore(backup, old.scratch) == backup.row_counts
    old.database.drop_scratch(old.scratch)
