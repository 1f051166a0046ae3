"""Whatever happens to a backup, it is refused, and the reason is said in words."""

import gzip
import json
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from gonogo.errors import GonogoError
from tests.backups import places
from tests.backups.places import Place, edit, flip, seal
from tests.contracts import databases

pytestmark = pytest.mark.contracts

Damage = Callable[[Path], object]
NAME = "20260101T000000000000Z"


@dataclass(frozen=True, kw_only=True, slots=True)
class Shelf:
    """Good backups: of a database, of the same one later, uncompressed, of another one."""

    place: Place
    good: Path
    later: Path
    plain: Path
    foreign: Path


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    """Return backups that are good as long as nobody touches them."""
    folder = tmp_path_factory.mktemp("shelf")
    with databases.created() as url, databases.created() as other:
        databases.run(url, *places.SHOP)
        databases.run(other, *places.SHOP, "INSERT INTO north VALUES (0, 'sad', '')")
        place, elsewhere = Place(url=url, folder=folder), Place(url=other, folder=folder)
        good = place.backups.take("good").manifest.parent
        assert place.run(BACKUP_NAME="plain", BACKUP_COMPRESSION="none").returncode == 0
        databases.run(url, "INSERT INTO north VALUES (0, 'sad', '')")
        later = place.backups.take("later").manifest.parent
        foreign = elsewhere.backups.take("foreign").manifest.parent
        yield Shelf(place=place, good=good, later=later, plain=folder / "plain", foreign=foreign)


def _data(folder: Path) -> Path:
    """Return the largest file of a dump."""
    return max((folder / "dump").glob("*.dat*"), key=lambda path: path.stat().st_size)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _grow(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    shutil.move(path.with_name("elsewhere"), path.parents[2] / "elsewhere")
    path.symlink_to(path.parents[2] / "elsewhere")


def _as_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _twice(folder: Path) -> None:
    path = folder / "manifest.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"format": 2,', '"format": 2,\n  "format": 2,', 1), encoding="utf-8")


def _without(field: str) -> Damage:
    def apply(folder: Path) -> None:
        said = places.document(folder)
        del said[field]
        (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")

    return apply


def _renamed(folder: Path) -> None:
    """Give it another name and date, everything else being right."""
    folder.rename(folder.with_name(NAME))
    edit(name=NAME, taken_at="2026-01-01T00:00:00Z", finished_at="2026-01-01T00:00:10Z")(folder.with_name(NAME))


def _of_the_future(folder: Path) -> None:
    later = "20990101T000000Z"
    folder.rename(folder.with_name(later))
    edit(name=later)(folder.with_name(later))


def _rewritten(table: int, **fields: object) -> Damage:
    return edit(**{f"tables__{table}__{name}": value for name, value in fields.items()})


def _sealed(damage: Callable[[Path], None]) -> Damage:
    def apply(folder: Path) -> None:
        damage(_data(folder))
        seal(folder)

    return apply


def _less_one_table(folder: Path) -> None:
    said = places.document(folder)
    said["tables"].pop(1)
    said["facts"]["objects"]["tables"] -= 1
    seal(folder, said)


def _one_table_more(folder: Path) -> None:
    said = places.document(folder)
    said["tables"].append({**said["tables"][1], "name": "west"})
    said["facts"]["objects"]["tables"] += 1
    seal(folder, said)


def _without_toc_entry(folder: Path) -> None:
    said = places.document(folder)
    said["files"] = [each for each in said["files"] if each["path"] != "dump/toc.dat"]
    seal(folder, said)


def _needs_a_role(folder: Path) -> None:
    edit(facts__roles=["nobody_made_this"])(folder)


def _points_out(folder: Path) -> None:
    said = places.document(folder)
    said["files"][0]["path"] = "../../secrets"
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")


def _other_digest(folder: Path) -> None:
    said = places.document(folder)
    said["sha256"] = "0" * 64
    (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")


def _emptied(folder: Path) -> None:
    """Leave nothing of a table but the end of its rows."""
    _data(folder).write_bytes(gzip.compress(b"\\.\n\n\n"))
    seal(folder)


# What happens, and the words that it is refused with; nothing of this needs a server to be seen.
SEEN_IN_THE_FOLDER: dict[str, tuple[Damage, str]] = {
    "toc cut short": (lambda at: _cut(at / "dump/toc.dat"), r"toc\.dat has \d+ bytes, the manifest says"),
    "data cut short": (lambda at: _cut(_data(at)), r"\.dat\.gz has \d+ bytes, the manifest says"),
    "data cut short, sums made right": (_sealed(_cut), "cannot be read to its end"),
    "one bit in the manifest": (lambda at: flip(at / "manifest.json"), "manifest"),
    "one bit in the sums": (lambda at: flip(at / "SHA256SUMS"), "SHA256SUMS"),
    "one bit in the roles": (lambda at: flip(at / "globals.sql"), r"globals\.sql is not what was written"),
    "one bit in the toc": (lambda at: flip(at / "dump/toc.dat"), r"toc\.dat is not what was written"),
    "one bit in the data": (lambda at: flip(_data(at)), r"\.dat\.gz is not what was written"),
    "one bit in the data, sums made right": (_sealed(flip), "cannot be read to its end"),
    "a byte more": (lambda at: _grow(_data(at)), r"has \d+ bytes, the manifest says"),
    "data file missing": (lambda at: _data(at).unlink(), r"\.dat\.gz is missing"),
    "toc missing": (lambda at: (at / "dump/toc.dat").unlink(), r"toc\.dat is missing"),
    "roles missing": (lambda at: (at / "globals.sql").unlink(), r"globals\.sql is missing"),
    "sums missing": (lambda at: (at / "SHA256SUMS").unlink(), "SHA256SUMS: is missing"),
    "half copied, no manifest": (
        lambda at: (at / "manifest.json").unlink(),
        r"no manifest\.json: it was copied in part",
    ),
    "half copied, no dump": (lambda at: shutil.rmtree(at / "dump"), "dump is missing"),
    "a file too many": (lambda at: (at / "dump/9.dat").touch(), r"9\.dat is in the folder, and not in the manifest"),
    "data of no bytes": (lambda at: _data(at).write_bytes(b""), "has 0 bytes"),
    "manifest of no bytes": (lambda at: (at / "manifest.json").write_bytes(b""), "is not a manifest"),
    "manifest is no JSON": (lambda at: _cut(at / "manifest.json"), "is not a manifest"),
    "manifest is no text": (lambda at: (at / "manifest.json").write_bytes(b"\xff\xfe{"), "is not a manifest"),
    "manifest is another thing": (lambda at: (at / "manifest.json").write_text("[]"), "it is not an object"),
    "a key twice": (_twice, "the key format stands there twice"),
    "a field missing": (_without("taken_at"), "taken_at is missing"),
    "a field unknown": (edit(mood="glad"), "mood is unknown"),
    "a number as text": (edit(tables__0__rows="3"), r"rows is not a whole number"),
    "fewer than no rows": (edit(tables__0__rows=-1), r"rows is not a whole number"),
    "a time that never was": (edit(taken_at="2026-02-30T00:00:00Z"), "no time that ever was"),
    "a path out of the folder": (_points_out, r"path is not dump/FILE"),
    "a format from later": (edit(format=3), "format 3 is not known"),
    "a link instead of a file": (lambda at: _link(_data(at)), "is a link to elsewhere"),
    "a folder instead of a file": (lambda at: _as_folder(_data(at)), "is not a file"),
    "renamed": (lambda at: at.rename(at.with_name("fresh")), "the manifest is of good, this is fresh"),
    "stale files with another date": (_renamed, "an old one with a fresh date"),
    "a name from the future": (_of_the_future, "its name says 2099"),
    "taken in the future": (edit(taken_at="2099-01-01T00:00:00Z", finished_at="2099-01-01T00:00:00Z"), "in the future"),
    "another server version": (edit(facts__server_version="17.1"), "the manifest says 17.1"),
    "written by a newer pg_dump": (edit(client_version="99.1"), "no pg_restore for PostgreSQL 99"),
    "another database's name": (edit(facts__database="orders"), "the manifest of 'orders'"),
    "a table left out": (_less_one_table, "holds a table that the manifest does not"),
    "a table made up": (_one_table_more, r"the dump holds no rows of public\.west"),
    "toc not listed": (_without_toc_entry, r"dump/toc\.dat is not listed"),
    "a role that nothing makes": (_needs_a_role, "does not make the role nobody_made_this"),
    "own digest of the manifest": (_other_digest, "was changed after it was written"),
}
# What is consistent in itself, and still not what was in the database: a restore sees it.
SEEN_BY_RESTORE: dict[str, tuple[Damage, str]] = {
    "rows counted otherwise": (_rewritten(1, rows=499), "has 500 rows, the manifest counted 499"),
    "a digest otherwise": (_rewritten(1, digest="7"), "other values in them"),
    "another schema revision": (edit(schema_revision="r0"), "the schema is at r1, the manifest says r0"),
    "a sequence otherwise": (edit(sequences__0__2=7, sequences_after__0__2=9), "numbered_id_seq is at 1"),
    "large objects otherwise": (edit(large_objects__digest="7"), "the large objects hold other bytes"),
    "a large object less": (edit(large_objects__count=2), "1 large objects, the manifest counted 2"),
    "an index less": (edit(facts__objects__indexes=9), "indexes, the manifest counted 9"),
    "an extension not there": (edit(facts__extensions__nosuch="1.0"), "the extension nosuch is not installed"),
    "a role not there": (_needs_a_role, "there is no role nobody_made_this"),
    "not in a group": (edit(facts__memberships=[["postgres", "pg_monitor"]]), "postgres is not in pg_monitor"),
    "an older server": (edit(facts__server_version="99.0"), r"the dump is of 99\.0"),
    "rows emptied, sums made right": (_emptied, "has 0 rows, the manifest counted 500"),
}


def _refused(shelf: Shelf, folder: Path) -> str:
    """Return what is said of a backup without a server; nothing of a good one."""
    name = next(path.name for path in folder.iterdir() if not path.name.startswith(".") and path.is_dir())
    return "; ".join(replace(shelf.place, folder=folder).backups.verify(name))


def _restored(shelf: Shelf, folder: Path) -> str:
    """Return what a restore says of a backup; nothing of a good one."""
    place = replace(shelf.place, folder=folder)
    try:
        backup = place.backups.find(next(path.name for path in folder.iterdir() if path.is_dir()))
        assert backup
        place.database.restore(backup, place.scratch)
    except GonogoError as error:
        return error.message
    finally:
        place.database.drop_scratch(place.scratch)
    return ""


def test_good_ones_are_accepted(shelf: Shelf) -> None:
    """By the same two looks, also when nothing is compressed."""
    for name in ("good", "later", "plain", "foreign"):
        assert shelf.place.backups.verify(name) == ()
        backup = shelf.place.backups.find(name)
        assert backup
        assert shelf.place.database.restore(backup, shelf.place.scratch) == backup.row_counts
    shelf.place.database.drop_scratch(shelf.place.scratch)


def test_what_is_refused_without_a_server(
    shelf: Shelf, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """Every kind of damage, by what is in the folder alone."""
    kinds = {
        **SEEN_IN_THE_FOLDER,
        "manifest of another backup": (lambda at: _manifest_of(shelf.later, at, ""), "is not what was written"),
        "the same, with the right name": (lambda at: _manifest_of(shelf.later, at, "good"), "is not what was written"),
        "manifest of another database": (lambda at: _manifest_of(shelf.foreign, at, ""), "is not what was written"),
        "the same, renamed": (lambda at: _manifest_of(shelf.foreign, at, "good"), "is not what was written"),
        "data of two tables swapped": (lambda at: _swap(shelf, at), "is not what was written"),
        "plain: a bit in the data": (lambda at: _sleight(shelf, at), "is not what was written"),
    }
    told = {kind: _refused(shelf, _damaged(shelf, tmp_path, kind, kinds[kind][0])) for kind in kinds}

    _show(record_property, "verify", told)
    assert {kind: told[kind] for kind, (_, words) in kinds.items() if not re.search(words, told[kind])} == {}


def test_what_is_refused_by_a_restore(
    shelf: Shelf, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    """What is consistent in itself, by what is restored, and by what the server lacks."""
    kinds = {
        **SEEN_BY_RESTORE,
        "data of two tables swapped, sums made right": (
            lambda at: seal(_swap(shelf, at)),
            r"public\.north .* other values",
        ),
        "plain: a bit in the data, sums made right": (lambda at: seal(_sleight(shelf, at)), "other values"),
    }
    told = {kind: _restored(shelf, _damaged(shelf, tmp_path, kind, kinds[kind][0])) for kind in kinds}

    _show(record_property, "restore", told)
    assert {kind: told[kind] for kind, (_, words) in kinds.items() if not re.search(words, told[kind])} == {}


def test_every_file_is_watched(shelf: Shelf, tmp_path: Path) -> None:
    """One flipped bit in each of them, one after the other."""
    for path in sorted(each.relative_to(shelf.good) for each in shelf.good.rglob("*") if each.is_file()):
        folder = tmp_path / str(path).replace("/", "-")
        folder.mkdir()
        flip(places.copied(shelf.good, folder) / path)
        assert path.name in _refused(shelf, folder) or "manifest is wrong" in _refused(shelf, folder)


def test_what_may_not_be_read_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    """It may be good, and it is not known to be."""
    folder = places.copied(shelf.good, tmp_path)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    (folder / "manifest.json").chmod(0)
    user = os.geteuid()
    if user == 0:
        os.seteuid(65534)
    try:
        said = "; ".join(replace(shelf.place, folder=tmp_path).backups.verify(folder.name))
    finally:
        os.seteuid(user)

    assert "cannot be read: Permission denied" in said


def _manifest_of(other: Path, folder: Path, name: str) -> None:
    """Put another backup's manifest and sums in."""
    for each in ("manifest.json", "SHA256SUMS"):
        shutil.copy(other / each, folder / each)
    if name:
        said = {**places.document(folder), "name": name}
        (folder / "manifest.json").write_text(json.dumps(said), encoding="utf-8")


def _swap(shelf: Shelf, folder: Path) -> Path:
    """Give two tables each other's rows: there are as many."""
    found = places.data_files(shelf.place, folder)
    north, south, aside = found["north"], found["south"], folder / "aside"
    north.rename(aside)
    south.rename(north)
    aside.rename(south)
    return folder


def _sleight(shelf: Shelf, folder: Path) -> Path:
    """Change one character of data that nothing compressed: pg_restore says nothing of it."""
    path = places.data_files(shelf.place, folder)["north"]
    path.write_bytes(path.read_bytes().replace(b"c4ca4238", b"c4ca4239"))
    return folder


def _damaged(shelf: Shelf, tmp_path: Path, kind: str, damage: Damage) -> Path:
    """Return a folder with a copy of a good backup that something happens to."""
    folder = tmp_path / re.sub(r"\W", "-", kind)
    folder.mkdir()
    damage(places.copied(shelf.plain if kind.startswith("plain") else shelf.good, folder))
    return folder


def _show(record_property: Callable[[str, object], None], by: str, told: Mapping[str, str]) -> None:
    """Print each kind and what was said of it."""
    lines = [f"{kind:44} {said[:140] or 'ACCEPTED'}" for kind, said in told.items()]
    refused = sum(bool(said) for said in told.values())
    record_property(f"corruptions, by {by}", "\n".join((f"{refused} of {len(told)} kinds refused", *lines)))
