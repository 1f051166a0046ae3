"""Every kind of damage to a copy is refused with its reason: by its index, by its parts, or by what is in it."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyrage
import pytest

from gonogo.adapters import manifests
from gonogo.adapters.vault import index
from gonogo.errors import GonogoError
from gonogo.model import Copy
from tests.vault import samples
from tests.vault.samples import LATER, NAME, OPERATOR, SEALED, STRANGER, Bench

pytestmark = pytest.mark.contracts


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """A copy to damage, and one of a later backup beside it."""

    place: Bench
    copy: Copy
    later: Copy

    @property
    def parts(self) -> list[str]:
        """Return its parts."""
        return self.place.parts(self.copy)

    def index(self, **fields: Any) -> None:
        """Write other values into its index, and leave its seal as it was."""
        said = json.loads(self.place.get(self.copy.key))
        self.place.put(self.copy.key, json.dumps({**said, **fields}).encode())

    def forge(self, key: str = "", **fields: Any) -> None:
        """Write other values into its index and seal it, as somebody would who knows the format."""
        said = {**json.loads(self.place.get(self.copy.key)), **fields}
        said["sha256"] = index._seal(said)
        self.place.put(key or self.copy.key, json.dumps(said).encode())

    def store(self, content: Sequence[bytes], **fields: Any) -> None:
        """Store other parts, with an index that says so."""
        stem = self.parts[0].rpartition("/")[0]
        for key in self.parts:
            self.place.drop(key)
        parts = [
            {"key": index.part_key(stem, number), "size_bytes": len(each), "sha256": samples.sha256(each)}
            for number, each in enumerate(content)
        ]
        for part, each in zip(parts, content, strict=True):
            self.place.put(str(part["key"]), each)
        whole = b"".join(content)
        self.forge(parts=parts, size_bytes=len(whole), stored_sha256=samples.sha256(whole), **fields)

    def content(self, copy: Copy) -> list[bytes]:
        """Return the parts of a copy."""
        return [self.place.get(key) for key in self.place.parts(copy)]


Damage = Callable[[Case], None]


def _flip(case: Case, key: str, at: float) -> None:
    """Flip one bit."""
    content = bytearray(case.place.get(key))
    content[int(at * (len(content) - 1))] ^= 4
    case.place.put(key, bytes(content))


def _flipped(content: bytes) -> bytes:
    """Return some bytes with another last one."""
    return content[:-1] + bytes([content[-1] ^ 1])


def _remove(case: Case, key: str) -> None:
    """Remove an object."""
    case.place.drop(key)


def _cut(case: Case, key: str, share: float) -> None:
    """Cut an object off."""
    content = case.place.get(key)
    case.place.put(key, content[: int(len(content) * share)])


def _swap(case: Case) -> None:
    """Give two parts each other's content; they are of the same length."""
    first, second = (case.place.get(key) for key in case.parts[:2])
    case.place.put(case.parts[0], second)
    case.place.put(case.parts[1], first)


def _sealed_with(case: Case, plain: bytes) -> None:
    """Store something else, properly encrypted and listed."""
    stored = pyrage.encrypt(plain, [OPERATOR.to_public(), SEALED.to_public()])
    case.store([stored])


def _fake(case: Case, **changes: Any) -> bytes:
    """Return the archive of a backup that differs from the copied one."""
    return samples.archive(samples.made(case.place.folder / "fakes", NAME, 10, seed=3, **changes))


def _relabelled(case: Case, **label: Any) -> bytes:
    """Return the copied backup's archive under another label."""
    backup = samples.made(case.place.folder / "again", NAME, 3 * samples.PART_BYTES)
    return samples.archive(backup, **label)


def _tampered(case: Case) -> bytes:
    """Return the copied backup's archive with one of its bytes changed."""
    plain = bytearray(_relabelled(case))
    plain[len(plain) // 2] ^= 1
    return bytes(plain)


# What it is, how it is done, and what is said of it: without a key where the listing or the sums show it.
SHOWN: dict[str, tuple[Damage, str]] = {
    "index cut off": (lambda case: _cut(case, case.copy.key, 0.5), "cut off, or not one of ours"),
    "index of no bytes": (lambda case: case.place.put(case.copy.key, b""), "cut off, or not one of ours"),
    "index is another thing": (lambda case: case.place.put(case.copy.key, b"[]"), "not one of ours"),
    "index: one bit": (lambda case: _flip(case, case.copy.key, 0.31), "its index|one of ours"),
    "index: other name": (lambda case: case.index(name="20261101T030000000000Z"), "not what was written"),
    "index: other time": (lambda case: case.index(taken_at="2026-11-01T03:30:00+00:00"), "not what was written"),
    "index: a field less": (lambda case: case.forge(push=None), "was changed: push"),
    "index: a field more": (lambda case: case.forge(mood="glad"), "was changed: mood"),
    "index of a newer version": (lambda case: case.forge(format=2), "a newer version wrote it"),
    "index renamed": (
        lambda case: case.forge(key="prod/2026/11/02/T020000Z-20261102T020000000000Z.json"),
        "it was renamed",
    ),
    "index of another copy in its place": (
        lambda case: case.place.put(case.copy.key, case.place.get(case.later.key)),
        "it was renamed, or another copy's",
    ),
    "from the future": (
        lambda case: case.forge(key=f"prod/2099/01/01/T000000Z-{NAME}.json", taken_at="2099-01-01T00:00:00+00:00"),
        "in the future",
    ),
    "a time that never was": (lambda case: case.forge(taken_at="2026-02-30T00:00:00+00:00"), "a time that never was"),
    "of another environment": (lambda case: case.forge(environment="staging"), "it was renamed, or another copy's"),
    "half upload: last part missing": (lambda case: _remove(case, case.parts[-1]), "is missing"),
    "half upload: first part missing": (lambda case: _remove(case, case.parts[0]), "is missing"),
    "part cut off": (lambda case: _cut(case, case.parts[1], 0.5), "bytes, the index says"),
    "part of no bytes": (lambda case: _cut(case, case.parts[1], 0), "has 0 bytes"),
    "part grown": (
        lambda case: case.place.put(case.parts[1], case.place.get(case.parts[1]) + b"x"),
        "bytes, the index says",
    ),
    "parts listed in another order": (
        lambda case: case.forge(parts=json.loads(case.place.get(case.copy.key))["parts"][::-1]),
        "parts of another copy",
    ),
    "parts of another copy": (
        lambda case: case.forge(parts=json.loads(case.place.get(case.later.key))["parts"]),
        "parts of another copy",
    ),
    "no parts": (lambda case: case.forge(parts=[], size_bytes=0), "parts of another copy"),
}
READ: dict[str, tuple[Damage, str]] = {
    "one bit of the first part": (lambda case: _flip(case, case.parts[0], 0.0), "is not what was stored"),
    "one bit of a part": (lambda case: _flip(case, case.parts[1], 0.5), "is not what was stored"),
    "one bit of the last part": (lambda case: _flip(case, case.parts[-1], 1.0), "is not what was stored"),
    "two parts swapped": (_swap, "is not what was stored"),
    "a part of a later copy": (
        lambda case: case.place.put(case.parts[1], case.content(case.later)[1]),
        "is not what was stored",
    ),
    "sum of all parts": (lambda case: case.forge(stored_sha256="0" * 64), "together they are not"),
}
DECRYPTED: dict[str, tuple[Damage, str]] = {
    "one bit, listed as if right": (
        lambda case: case.store([_flipped(case.content(case.copy)[0]), *case.content(case.copy)[1:]]),
        "cannot be decrypted",
    ),
    "last part left out, listed as if whole": (
        lambda case: case.store(case.content(case.copy)[:-1]),
        "cannot be decrypted",
    ),
    "parts swapped, listed as if right": (
        lambda case: case.store([*reversed(case.content(case.copy))]),
        "cannot be decrypted",
    ),
    "not encrypted": (lambda case: case.store([_relabelled(case)]), "cannot be decrypted"),
    "an older copy under this name": (
        lambda case: case.store(case.content(case.later)),
        f"the index says {NAME} .*; what is in the copy is {LATER}",
    ),
    "a stale backup with a fresh date": (
        lambda case: _sealed_with(case, _relabelled(case, taken_at="2026-10-01T00:00:00+00:00")),
        "what is in the copy is .* from 2026-10-01",
    ),
    "of another environment inside": (
        lambda case: _sealed_with(case, _relabelled(case, environment="staging")),
        "what is in the copy is .* of staging",
    ),
    "another backup under the right label": (
        lambda case: _sealed_with(case, samples.relabel(_fake(case), case.place.get(case.copy.key))),
        "it was put together from two",
    ),
    "manifest of another time": (
        lambda case: _sealed_with(
            case, samples.relabel(_fake(case, taken_at="2026-10-01T00:00:00Z"), case.place.get(case.copy.key))
        ),
        "its label 2026-11-01",
    ),
    "one byte of a file inside": (lambda case: _sealed_with(case, _tampered(case)), "is not what its manifest says"),
    "a file less inside": (
        lambda case: _sealed_with(case, samples.without(_relabelled(case), "dump/2.dat")),
        r"dump/2\.dat is missing in the copy",
    ),
    "no manifest inside": (
        lambda case: _sealed_with(case, samples.without(_relabelled(case), "manifest.json")),
        "manifest in the copy is wrong",
    ),
    "a file more inside": (
        lambda case: _sealed_with(case, samples.with_file(_relabelled(case), f"{NAME}/dump/9.dat")),
        "not in its manifest",
    ),
    "a path out of the folder": (
        lambda case: _sealed_with(case, samples.with_file(_relabelled(case), "../out")),
        "no file of a backup",
    ),
    "a path out of the folder, from below": (
        lambda case: _sealed_with(case, samples.with_file(_relabelled(case), f"{NAME}/../../out")),
        "no file of a backup",
    ),
    "a link inside": (
        lambda case: _sealed_with(case, samples.with_link(_relabelled(case), f"{NAME}/dump/9.dat")),
        "no file of a backup",
    ),
    "a file twice": (
        lambda case: _sealed_with(case, samples.with_file(_relabelled(case), f"{NAME}/globals.sql")),
        "twice",
    ),
    "an archive cut off": (lambda case: _sealed_with(case, _relabelled(case)[:70_000]), "cut off, or is no archive"),
    "no archive at all": (lambda case: _sealed_with(case, b"PGDMP" * 500), "cut off, or is no archive"),
    "nothing inside": (lambda case: _sealed_with(case, b""), "cut off, or is no archive"),
    "an archive without a label": (
        lambda case: _sealed_with(case, samples.without(_relabelled(case), "copy.json", root=False)),
        "does not begin with what it is of",
    ),
}


def _case(folder: Path) -> Case:
    """Return a good copy."""
    place = samples.bench(folder, "s3://memory")
    return Case(place=place, copy=place.vault.push(place.made()), later=place.vault.push(place.made(LATER)))


def _told(case: Case, into: Path) -> str:
    """Return what is said of a copy when it is fetched; nothing of a good one."""
    listed = [each for each in case.place.vault.copies() if each.key == case.copy.key]
    try:
        case.place.vault.fetch(listed[0] if listed else case.copy, into)
    except GonogoError as error:
        assert sorted(path.name for path in into.iterdir()) == [".fetch.lock"], "something was left"
        return error.message
    return ""


def _show(record_property: Callable[[str, object], None], by: str, told: Mapping[str, str]) -> None:
    """Print each kind and what was said of it."""
    lines = [f"{kind:44} {said[:140] or 'ACCEPTED'}" for kind, said in told.items()]
    refused = sum(bool(said) for said in told.values())
    record_property(f"damaged copies, {by}", "\n".join((f"{refused} of {len(told)} kinds refused", *lines)))


def test_what_a_listing_shows(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """It is no copy any more, by its index and its parts' sizes alone; and it cannot be fetched."""
    told = {}
    for number, (kind, (damage, _)) in enumerate(SHOWN.items()):
        (tmp_path / str(number)).mkdir()
        case = _case(tmp_path / str(number))
        damage(case)
        broken = dict(case.place.vault.broken())
        whole = (case.later,) if case.copy.key in broken else (case.copy, case.later)
        told[kind] = "; ".join(broken.values())
        assert case.place.vault.copies() == whole, kind

    _show(record_property, "by a listing", told)
    assert {kind: told[kind] for kind, (_, words) in SHOWN.items() if not re.search(words, told[kind])} == {}


def test_what_reading_shows_without_a_key(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """By `backup.verify --offsite`, and by a fetch with the same words."""
    told = {}
    for number, (kind, (damage, _)) in enumerate(READ.items()):
        (tmp_path / str(number)).mkdir()
        case = _case(tmp_path / str(number))
        damage(case)
        (copy,) = (each for each in case.place.vault.copies() if each.key == case.copy.key)
        told[kind] = "; ".join(case.place.vault.verify(copy))
        assert _told(case, tmp_path / str(number) / "new") == told[kind]

    _show(record_property, "by reading them without a key", told)
    assert {kind: told[kind] for kind, (_, words) in READ.items() if not re.search(words, told[kind])} == {}


def test_what_only_the_key_shows(tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Whoever knows the format can make a copy look right: what is in it says otherwise."""
    told = {}
    for number, (kind, (damage, _)) in enumerate(DECRYPTED.items()):
        (tmp_path / str(number)).mkdir()
        case = _case(tmp_path / str(number))
        damage(case)
        told[kind] = _told(case, tmp_path / str(number) / "new")

    _show(record_property, "by decrypting them", told)
    assert {kind: told[kind] for kind, (_, words) in DECRYPTED.items() if not re.search(words, told[kind])} == {}


def test_a_wrong_key_is_told(tmp_path: Path) -> None:
    """And which variable names it."""
    case = _case(tmp_path)
    with pytest.raises(GonogoError, match="encrypted to other keys than those of BACKUP_IDENTITY_FILE"):
        case.place.with_key(STRANGER).vault.fetch(case.copy, tmp_path / "new")


def test_one_bit_anywhere_is_seen(tmp_path: Path) -> None:
    """In each object of a copy, at many places of it."""
    case = _case(tmp_path)
    for key in (case.copy.key, *case.parts):
        good = case.place.get(key)
        for at in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
            _flip(case, key, at)
            assert _told(case, tmp_path / "new"), (key, at)
            case.place.put(key, good)
    assert not _told(case, tmp_path / "whole")


def test_a_damaged_one_is_replaced_by_the_next_push(tmp_path: Path) -> None:
    """From the backup that is still good on its machine."""
    case = _case(tmp_path)
    _remove(case, case.parts[0])
    backup = manifests.read(case.place.folder / "backups" / NAME / "manifest.json")
    copy = case.place.vault.push(backup)

    assert case.place.vault.copies() == (copy, case.later)
    assert case.place.vault.fetch(copy, tmp_path / "new").name == NAME
    later = case.place.now + timedelta(days=2)
    assert replace(case.place, now=later).vault.push(backup) == copy
