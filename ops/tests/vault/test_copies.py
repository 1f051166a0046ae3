"""The port Vault: what is pushed is what is fetched, at each kind of place."""

import io
import shutil
import stat
import subprocess
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from gonogo.adapters.vault import ObjectVault, index
from gonogo.errors import LockHeldError, RefusedError, UsageError
from gonogo.model import Secret
from tests.vault import samples
from tests.vault.samples import LATER, NAME, OPERATOR, PART_BYTES, SEALED, Bench, contents

pytestmark = pytest.mark.contracts


def test_what_is_pushed_is_what_is_fetched(place: Bench, tmp_path: Path) -> None:
    """Each file, byte for byte; nobody else can read them."""
    backup = place.made()
    copy = place.vault.push(backup)
    folder = place.vault.fetch(copy, tmp_path / "new machine")

    assert contents(folder) == contents(backup.manifest.parent)
    assert folder == tmp_path / "new machine" / NAME
    assert [path.name for path in folder.parent.iterdir() if not path.name.startswith(".fetch")] == [NAME]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()} == {0o600}
    assert (copy.name, copy.taken_at, copy.schema_revision) == (NAME, backup.taken_at, "r1")
    assert copy.key == f"prod/2026/11/01/T023000Z-{NAME}.json"
    assert copy.size_bytes > backup.size_bytes


def test_a_copy_is_listed_once_it_is_whole(place: Bench) -> None:
    """Oldest data first, whatever was pushed first; of this environment alone."""
    later, first = place.vault.push(place.made(LATER)), place.vault.push(place.made())
    other = ObjectVault(
        place.offsite,
        "staging",
        locks=place.folder,
        now=lambda: place.now,
        store=place.store,
        part_bytes=PART_BYTES,
    )
    other.push(samples.made(place.folder / "others", NAME, 10))

    assert place.vault.copies() == (first, later)
    assert [each.name for each in other.copies()] == [NAME]
    assert place.vault.broken() == ()
    assert place.vault.verify(first) == place.vault.verify(later) == ()


def test_a_copy_that_is_there_is_not_sent_again(place: Bench) -> None:
    """Nor by another machine."""
    backup = place.made()
    copy = place.vault.push(backup)
    before = place.objects()

    assert place.vault.push(backup) == place.elsewhere("other").vault.push(backup) == copy
    assert place.objects() == before


def test_two_pushes_at_once_make_one_copy(place: Bench, tmp_path: Path) -> None:
    """From two machines: neither fails, their parts never mix, and nothing is left of one of them."""
    backup, other = place.made(), place.elsewhere("other")
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda bench: bench.vault.push(backup), (place, other))

    assert first == second == place.vault.copies()[0]
    assert sorted(place.parts(first)) == [key for key in place.objects() if key.endswith(".age")]
    assert place.vault.fetch(first, tmp_path / "new").name == NAME


def test_one_machine_pushes_once_at_a_time(memory: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second is told, and may come again."""
    backup = memory.made()
    told: list[str] = []

    real = index.written

    def written(each: index.Index) -> bytes:
        if not told:
            with pytest.raises(LockHeldError) as caught:
                memory.vault.push(backup)
            told.append(caught.value.message)
        return real(each)

    monkeypatch.setattr(index, "written", written)
    memory.vault.push(backup)

    assert told == ["a push of prod is at work already"]


def test_what_is_removed_is_gone(place: Bench) -> None:
    """With every part of it, and nothing of others; removing it again is no error."""
    copy, other = place.vault.push(place.made()), place.vault.push(place.made(LATER))
    place.vault.remove(copy)
    place.vault.remove(copy)

    assert place.vault.copies() == (other,)
    assert all(LATER in key for key in place.objects())


def test_no_key_is_needed_to_push_list_verify_and_remove(place: Bench) -> None:
    """The server that takes backups holds no secret of theirs."""
    server = replace(place, offsite=replace(place.offsite, identity=None))
    copy = server.vault.push(place.made())

    assert server.vault.copies() == (copy,)
    assert server.vault.verify(copy) == ()
    with pytest.raises(UsageError, match="no secret key is set here"):
        server.vault.fetch(copy, place.folder / "new")
    server.vault.remove(copy)
    assert place.objects() == []


def test_each_recipient_alone_can_read_it(memory: Bench, tmp_path: Path) -> None:
    """Also from a file with several keys and comments between them."""
    copy = memory.vault.push(memory.made())
    for number, keys in enumerate(((OPERATOR,), (SEALED,), (samples.STRANGER, SEALED))):
        assert memory.with_key(*keys).vault.fetch(copy, tmp_path / f"by {number}").name == NAME


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen here")
def test_a_key_of_ssh_will_do(memory: Bench, tmp_path: Path) -> None:
    """Written by ssh-keygen without a passphrase."""
    subprocess.run(("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "id"), check=True)
    public = (tmp_path / "id.pub").read_text(encoding="ascii").strip()
    offsite = replace(memory.offsite, recipients=(public,), identity=Secret("ID", str(tmp_path / "id")))
    vault = replace(memory, offsite=offsite).vault

    assert vault.fetch(vault.push(memory.made()), tmp_path / "new").name == NAME


def test_a_key_that_others_may_read_is_refused(memory: Bench) -> None:
    """With what to do."""
    copy = memory.vault.push(memory.made())
    bench = memory.with_key(OPERATOR)
    assert bench.offsite.identity
    Path(bench.offsite.identity.reveal()).chmod(0o640)

    with pytest.raises(UsageError, match="others may read") as caught:
        bench.vault.fetch(copy, memory.folder / "new")
    assert caught.value.hint.startswith("chmod 600 ")


@pytest.mark.parametrize(
    ("content", "words"),
    [("", "no age secret key"), ("AGE-SECRET-KEY-1X\n", "no age secret key"), (None, "No such file")],
)
def test_a_file_without_a_key_is_refused(memory: Bench, content: str | None, words: str) -> None:
    """Before anything is fetched."""
    copy, path = memory.vault.push(memory.made()), memory.folder / "no key"
    if content is not None:
        path.write_text(content, encoding="ascii")
        path.chmod(0o600)
    offsite = replace(memory.offsite, identity=Secret("ID", str(path)))

    with pytest.raises(UsageError, match=words):
        replace(memory, offsite=offsite).vault.fetch(copy, memory.folder / "new")


@pytest.mark.parametrize("recipients", [(), ("age1wrong", "somebody")])
def test_without_recipients_nothing_is_sent(memory: Bench, recipients: tuple[str, ...]) -> None:
    """A copy that everybody can read is worse than none."""
    bench = replace(memory, offsite=replace(memory.offsite, recipients=recipients))

    with pytest.raises(UsageError, match="cannot be encrypted"):
        bench.vault.push(memory.made())
    assert memory.objects() == []


def test_a_backup_that_is_not_what_was_written_is_not_copied(place: Bench) -> None:
    """And nothing is left of the attempt."""
    backup = place.made()
    path = backup.dump / "1.dat"
    path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])

    with pytest.raises(RefusedError, match=r"dump/1\.dat is not what was written"):
        place.vault.push(backup)
    path.unlink()
    with pytest.raises(RefusedError, match="cannot be read"):
        place.vault.push(backup)
    assert place.objects() == []


def test_another_backup_of_the_same_name_and_moment_is_refused(memory: Bench) -> None:
    """One of the two was changed: nobody knows which."""
    memory.vault.push(memory.made())
    other = samples.made(memory.folder / "others", NAME, 10, seed=2)

    with pytest.raises(RefusedError, match="a copy of another backup"):
        memory.vault.push(other)


def test_what_is_there_already_is_not_written_over(memory: Bench) -> None:
    """A fetch into the folder where the backup is."""
    backup = memory.made()
    copy = memory.vault.push(backup)

    with pytest.raises(UsageError, match="is there already"):
        memory.vault.fetch(copy, backup.manifest.parent.parent)


def test_it_can_be_read_without_the_toolkit(memory: Bench, tmp_path: Path) -> None:
    """Parts in a row, age, tar: what the documents say for the day on which nothing else is left."""
    backup = memory.made()
    copy = memory.vault.push(backup)
    stored = b"".join(memory.get(key) for key in memory.parts(copy))
    with tarfile.open(fileobj=io.BytesIO(pyrage.decrypt(stored, [SEALED]))) as archive:
        archive.extractall(tmp_path / "by hand", filter="data")

    assert contents(tmp_path / "by hand" / NAME) == contents(backup.manifest.parent)
