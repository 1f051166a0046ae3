"""Whatever happens to a backup or to what it builds on: it is refused, each kind with its reason."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.backups import places as tampering
from tests.physical import clusters
from tests.physical.clusters import rewrite
from tests.physical.conftest import Story

pytestmark = pytest.mark.contracts
Damage = Callable[[Path, tuple[str, str, str]], object]


def _file(folder: Path, name: str, pattern: str = "data/base/*/1259") -> Path:
    """Return a file of a backup, by a pattern."""
    return next(folder.joinpath(name).glob(pattern))


def _flip(path: Path) -> None:
    """Turn one bit in the middle of a file round."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    rewrite(path, bytes(content))


def _flip_early(path: Path) -> None:
    """Turn a bit of the first record round: the rest of a WAL file may be empty."""
    content = bytearray(path.read_bytes())
    content[100] ^= 1
    rewrite(path, bytes(content))


def _cut(path: Path) -> None:
    """Take a file's last byte away."""
    rewrite(path, path.read_bytes()[:-1])


def _edited(folder: Path, **fields: Any) -> None:
    """Write other values into a manifest, and make the sums right again, as somebody would who knows the format."""
    path = folder / "manifest.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    said.update(fields)
    rewrite(path, json.dumps(said).encode())
    rewrite(folder / "SHA256SUMS", (folder / "SHA256SUMS").read_bytes())
    _own_sum(folder)


def _own_sum(folder: Path) -> None:
    """Make the list of sums right about the manifest."""
    sums = folder / "SHA256SUMS"
    lines = [line for line in sums.read_text(encoding="utf-8").splitlines() if not line.endswith("manifest.json")]
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    rewrite(sums, "\n".join([*lines, f"{digest}  manifest.json", ""]).encode())


def _sealed(folder: Path) -> None:
    """Make all of our own sums right again: only PostgreSQL's own can tell now."""
    for name in ("manifest.json", "SHA256SUMS"):
        rewrite(folder / name, (folder / name).read_bytes())
    tampering.seal(folder)


def _then_sealed(change: Callable[[Path], object], pattern: str) -> Damage:
    """Return a damage to a file of the newest backup, with our own sums made right."""

    def apply(folder: Path, names: tuple[str, str, str]) -> None:
        change(_file(folder, names[2], pattern))
        _sealed(folder / names[2])

    return apply


def _swapped(folder: Path, names: tuple[str, str, str]) -> None:
    """Put another backup's manifest and sums in."""
    for each in ("manifest.json", "SHA256SUMS"):
        rewrite(folder / names[2] / each, (folder / names[1] / each).read_bytes())


def _exchanged(folder: Path, names: tuple[str, str, str]) -> None:
    """Exchange the names of two backups of a chain: the order is wrong."""
    (folder / names[0]).rename(folder / "aside")
    (folder / names[1]).rename(folder / names[0])
    (folder / "aside").rename(folder / names[1])


def _half(folder: Path, names: tuple[str, str, str]) -> None:
    """Leave the second half of a backup's files away, as an upload that ended does."""
    files = sorted(each for each in (folder / names[2] / "data").rglob("*") if each.is_file())
    for each in files[len(files) // 2 :]:
        each.unlink()


def _linked(path: Path) -> None:
    """Replace a file by a link to the same content."""
    aside = path.parents[3] / "aside"
    path.rename(aside)
    path.symlink_to(aside)


def _skipped(folder: Path, names: tuple[str, str, str]) -> None:
    """Let the newest say that it builds on the first, with everything that we have written being right."""
    digest = hashlib.sha256((folder / names[0] / "manifest.json").read_bytes()).hexdigest()
    _edited(folder / names[2], parent=names[0], parent_sha256=digest)


_LATER = dict.fromkeys(("taken_at", "finished_at"), "2099-01-01T00:00:00Z")
_FULL = {"kind": "full", "parent": None, "parent_sha256": None}
KINDS: dict[str, tuple[Damage, str]] = {
    "no manifest": (lambda at, of: (at / of[2] / "manifest.json").unlink(), "has no manifest.json"),
    "manifest cut": (lambda at, of: _cut(at / of[2] / "manifest.json"), "manifest"),
    "manifest swapped": (_swapped, "the manifest is of"),
    "manifest of a newer form": (lambda at, of: _edited(at / of[2], format=9), "written by a newer version"),
    "a field missing": (lambda at, of: _edited(at / of[2], timeline=None), "timeline is not a whole number"),
    "a fresh date": (lambda at, of: _edited(at / of[2], **_LATER), "in the future"),
    "renamed": (lambda at, of: (at / of[2]).rename(at / "other"), "there is no backup"),
    "a file missing": (lambda at, of: _file(at, of[2], "data/PG_VERSION").unlink(), "is missing"),
    "a file cut": (lambda at, of: _cut(_file(at, of[2], "data/global/pg_control")), "bytes, the manifest says"),
    "a bit": (lambda at, of: _flip(_file(at, of[2], "data/global/pg_control")), "is not what was written"),
    "a bit in the WAL": (lambda at, of: _flip(_file(at, of[2], "data/pg_wal/0*")), "is not what was written"),
    "a file too many": (lambda at, of: (at / of[2] / "data" / "more").write_text("x"), "and not in the manifest"),
    "a link": (lambda at, of: _linked(_file(at, of[2], "data/PG_VERSION")), "is a link to elsewhere"),
    "the sums missing": (lambda at, of: (at / of[2] / "SHA256SUMS").unlink(), "SHA256SUMS: is missing"),
    "half of it": (_half, "is missing"),
    "a bit, sums made right": (_then_sealed(_flip, "data/PG_VERSION"), "pg_verifybackup says"),
    "its WAL, sums made right": (_then_sealed(_flip_early, "data/pg_wal/0*"), "pg_verifybackup says"),
    "PostgreSQL's manifest cut, sums made right": (
        _then_sealed(_cut, "data/backup_manifest"),
        "could not parse",
    ),
    "another place in the WAL": (lambda at, of: _edited(at / of[2], stop_lsn="9/28"), "the manifest says otherwise"),
    "another cluster": (lambda at, of: _edited(at / of[2], system_identifier="7"), "cluster"),
    "a full one by its word": (lambda at, of: _edited(at / of[2], **_FULL), "not those of a backup of the kind full"),
    "an incremental one without a parent": (lambda at, of: _edited(at / of[2], parent=None), "its parent is None"),
    "its own parent": (lambda at, of: _edited(at / of[2], parent=of[2]), "its own parent"),
    "parent missing": (lambda at, of: shutil.rmtree(at / of[1]), "is missing"),
    "parent changed": (lambda at, of: _edited(at / of[1], database="other"), "its manifest is another"),
    "parent's parent missing": (lambda at, of: shutil.rmtree(at / of[0]), "is missing"),
    "parent damaged": (lambda at, of: _flip(_file(at, of[0])), "is not what was written"),
    "wrong order": (_exchanged, "its manifest is another"),
    "grandparent as parent": (_skipped, "another backup than"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_damage_is_refused_with_its_reason(story: Story, tmp_path: Path, kind: str) -> None:
    """And the backups that it does not concern stay good."""
    damage, words = KINDS[kind]
    folder = clusters.copied(story.cluster, tmp_path)
    damage(folder, story.names)

    found = story.cluster.kept(folder).verify(story.names[2])

    assert any(words in each for each in found), found
    assert list(folder.glob(".*")) == []


def test_nothing_else_is_touched_by_the_copies(story: Story) -> None:
    """What was damaged were copies: the chain itself is whole."""
    assert story.cluster.kept().verify(story.names[2]) == ()


def test_nothing_is_built_on_what_is_broken(story: Story, tmp_path: Path) -> None:
    """The next one is a full one, and says why."""
    folder = clusters.copied(story.cluster, tmp_path)
    _file(folder, story.names[1], "data/PG_VERSION").unlink()
    taken, reason = story.cluster.kept(folder).take("next")

    assert taken.kind == "full"
    assert story.names[1] in reason
    assert story.cluster.kept(folder).verify("next") == ()
