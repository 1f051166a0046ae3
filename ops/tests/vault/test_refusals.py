"""What a place refuses, and when it does not answer: in words, and with nothing lost."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import obstore
import pytest

from gonogo.adapters.backups import ScriptBackups
from gonogo.adapters.vault import stores
from gonogo.bootstrap import keeping
from gonogo.errors import ExitCode, RefusedError, UnreachableError, UsageError
from gonogo.model import Secret
from tests.vault import samples
from tests.vault.samples import LATER, NAME, OPERATOR, Bench
from tests.vault.serving import Server

pytestmark = pytest.mark.contracts


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have nothing tried again: what is said at the end is the same."""
    monkeypatch.setattr(stores, "_TRIES", 0)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("InvalidAccessKeyId", "does not know the access key"),
        ("SignatureDoesNotMatch", "the secret key is not that of the access key"),
        ("RequestTimeTooSkewed", "clock is more than 15 minutes off"),
        ("ExpiredToken", "no longer valid"),
        ("AccessDenied", "the access key may not do that"),
        ("SomethingNew", "SomethingNew"),
    ],
)
def test_each_refusal_is_told_in_words(server: Server, bucket: Bench, code: str, words: str) -> None:
    """When it is listed, and when something is put there; no secret is among them."""
    backup = bucket.made()
    tries: dict[str, Callable[[], object]] = {"GET": bucket.vault.copies, "PUT": lambda: bucket.vault.push(backup)}
    for method, call in tries.items():
        server.faults.refuses = {method: code}
        with pytest.raises(RefusedError, match=words) as caught:
            call()
        assert caught.value.where == bucket.offsite.url
        assert "a-secret" not in str(vars(caught.value))
    server.faults.refuses = {}
    assert bucket.objects() == []


def test_a_bucket_that_is_not_there(bucket: Bench) -> None:
    """It is not made: a name with a slip in it would be another place."""
    bench = replace(bucket, offsite=replace(bucket.offsite, url="s3://no-such-bucket-anywhere/x"))
    with pytest.raises(RefusedError, match="there is no such bucket"):
        bench.vault.push(bench.made())
    with pytest.raises(RefusedError, match="there is no such bucket"):
        bench.vault.copies()


@pytest.mark.parametrize(
    ("endpoint", "words"),
    [
        ("http://127.0.0.1:1", "does not answer: nothing listens there"),
        ("http://nobody.invalid", "does not answer"),
        ("https://{server}", "does not answer"),
    ],
)
def test_a_place_that_is_away(server: Server, bucket: Bench, endpoint: str, words: str) -> None:
    """Exit code 7, whatever was asked of it; the backup is as it was."""
    at = endpoint.replace("{server}", server.url.removeprefix("http://"))
    bench, backup = replace(bucket, offsite=replace(bucket.offsite, endpoint=at)), bucket.made()
    before = samples.contents(backup.manifest.parent)
    for call in (bench.vault.copies, bench.vault.broken, lambda: bench.vault.push(backup)):
        with pytest.raises(UnreachableError, match=words) as caught:
            call()
        assert caught.value.exit_code == ExitCode.UNREACHABLE
    assert samples.contents(backup.manifest.parent) == before


def test_a_place_that_goes_away_during_a_push(server: Server, bucket: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that looks like a copy is left; when it is back, the next push makes one."""
    copy, backup, sent = bucket.vault.push(bucket.made(LATER)), bucket.made(), []
    real = obstore.put

    def put(*args: Any, **more: Any) -> object:
        sent.append(args)
        server.faults.away = len(sent) > 2
        return real(*args, **more)

    monkeypatch.setattr(obstore, "put", put)
    with pytest.raises(UnreachableError, match="does not answer: it answers 503"):
        bucket.vault.push(backup)
    monkeypatch.undo()
    server.faults.away = False

    assert bucket.vault.copies() == (copy,)
    assert bucket.vault.broken() == ()
    assert [each.name for each in (bucket.vault.push(backup), *bucket.vault.copies())] == [NAME, NAME, LATER]
    assert len([key for key in bucket.objects() if NAME in key]) == len(bucket.parts(bucket.vault.copies()[0])) + 1


def test_a_place_that_goes_away_during_a_fetch(server: Server, bucket: Bench, tmp_path: Path) -> None:
    """Nothing is left of the backup; when it is back, it is fetched."""
    copy = bucket.vault.push(bucket.made(size=20 * samples.PART_BYTES))
    server.faults.away = True
    with pytest.raises(UnreachableError):
        bucket.vault.fetch(copy, tmp_path / "new")
    server.faults.away = False

    assert [path.name for path in (tmp_path / "new").iterdir()] == [".fetch.lock"]
    assert bucket.vault.fetch(copy, tmp_path / "new").name == NAME


def test_a_key_that_may_not_delete(server: Server, bucket: Bench) -> None:
    """It pushes and lists; a removal is told, and the copy stays whole."""
    server.faults.refuses = {"DELETE": "AccessDenied"}
    copy = bucket.vault.push(bucket.made())

    with pytest.raises(RefusedError, match="the access key may not do that"):
        bucket.vault.remove(copy)
    assert bucket.vault.copies() == (copy,)
    assert bucket.vault.verify(copy) == ()


def test_a_disk_that_is_not_mounted(disk: Bench) -> None:
    """No folder is made in its place: that would be the same disk."""
    bench = replace(disk, offsite=replace(disk.offsite, url=f"file://{disk.folder}/nowhere"))
    with pytest.raises(UnreachableError, match="is the disk mounted"):
        bench.vault.push(bench.made())
    assert not (disk.folder / "nowhere").exists()


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    """By a push, and by a fetch: earlier ones are whole, nothing of the new one is left."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(("mount", "-t", "tmpfs", "-o", "size=4m", "none", small), capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        full = samples.bench(tmp_path, f"file://{small}")
        copy = full.vault.push(full.made())
        with pytest.raises(RefusedError, match="no space left at the other place"):
            full.vault.push(full.made(LATER, size=6_000_000))
        assert full.vault.copies() == (copy,)
        assert len(full.objects()) == len(full.parts(copy)) + 1
        away = samples.bench(tmp_path, "s3://memory").with_key(OPERATOR)
        big = away.vault.push(samples.made(tmp_path / "big", LATER, 6_000_000))
        with pytest.raises(RefusedError, match="bytes are needed"):
            away.vault.fetch(big, small / "new")
        assert [path.name for path in (small / "new").iterdir()] == [".fetch.lock"]
    finally:
        subprocess.run(("umount", small), check=True)


def test_a_folder_that_cannot_be_made(disk: Bench, tmp_path: Path) -> None:
    """It is named, with what to do."""
    copy = disk.vault.push(disk.made())
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=r"new cannot be written to: Not a directory") as caught:
        disk.vault.fetch(copy, tmp_path / "file" / "new")

    assert "--into" in caught.value.hint


def test_a_disk_that_fills_up_during_a_fetch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else took the room that was there."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(("mount", "-t", "tmpfs", "-o", "size=4m", "none", small), capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("no small disk can be mounted here")
    try:
        away = samples.bench(tmp_path, "s3://memory")
        big = away.vault.push(away.made(size=6_000_000))
        monkeypatch.setattr(type(away.vault), "_has_room", lambda *_: None)
        with pytest.raises(RefusedError, match="cannot be written: No space left"):
            away.vault.fetch(big, small / "new")
        assert [path.name for path in (small / "new").iterdir()] == [".fetch.lock"]
    finally:
        subprocess.run(("umount", small), check=True)


def test_a_link_stands_for_no_backup(disk: Bench) -> None:
    """What it leads to may go, and is never what goes with it."""
    real = disk.made(NAME)
    (real.manifest.parent.parent / LATER).symlink_to(NAME)
    kept = ScriptBackups((), root=disk.folder, folder=real.manifest.parent.parent, url=Secret("DATABASE_URL", ""))

    _, broken = keeping.on_shelf(kept)
    kept.remove(LATER)

    assert broken == {LATER: "it is a link to elsewhere"}
    assert kept.names() == (NAME,)
    assert [each.name for each in real.manifest.parent.parent.glob(f".{LATER}*")] == []
    assert (real.manifest.parent / "dump" / "1.dat").is_file()
