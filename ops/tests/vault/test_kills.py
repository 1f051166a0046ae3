"""kill -9 at any moment of a push, a removal, a prune: nothing half looks whole, and the next run cleans up."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from gonogo.adapters.backups import ScriptBackups
from gonogo.model import Backup, Secret
from tests.vault import samples
from tests.vault.samples import LATER, NAME, Bench

pytestmark = pytest.mark.contracts

# How often it is killed at a moment that nobody chose.
KILLS = int(os.environ.get("VAULT_KILLS", "2"))
_ROOT = Path(__file__).parents[3]


def _command(place: Bench, task: str, moment: str, number: int, name: str) -> tuple[str, ...]:
    """Return what runs one task in a process of its own."""
    at = {"url": place.offsite.url, "endpoint": place.offsite.endpoint, "recipients": place.offsite.recipients}
    given = {**at, "folder": str(place.folder), "name": name}
    return (sys.executable, "-m", "tests.vault.child", task, moment, str(number), json.dumps(given))


def _run(command: tuple[str, ...], *, kill_after_s: float | None = None) -> int:
    """Run it, kill it perhaps, and return how it ended."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join((str(_ROOT), str(_ROOT / "ops")))}
    process = subprocess.Popen(command, env=environ, cwd=_ROOT)
    try:
        return process.wait(kill_after_s or 120)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _is_sound(place: Bench, backup: Backup, tmp: Path) -> None:
    """Hold that what is listed is whole, and that the next push makes the copy and leaves nothing else of it."""
    for copy in place.vault.copies():
        assert place.vault.verify(copy) == ()
    copy = place.vault.push(backup)

    assert [each for each in place.vault.copies() if each.name == NAME] == [copy]
    of_it = [key for key in place.objects() if f"-{NAME}." in key]
    assert sorted(of_it) == sorted([copy.key, *place.parts(copy)])
    assert samples.contents(place.vault.fetch(copy, tmp)) == samples.contents(backup.manifest.parent)


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", [1, 3, 5])
def test_push(disk: Bench, tmp_path: Path, number: int, moment: str) -> None:
    """At the first part, at another, and at the index, which is the fifth object and makes the copy whole."""
    backup, later = disk.made(), disk.vault.push(disk.made(LATER))
    ended = _run(_command(disk, "push", moment, number, NAME))

    assert ended == -signal.SIGKILL
    is_whole = (number, moment) == (5, "after")
    assert len(disk.vault.copies()) == 1 + is_whole
    assert disk.vault.broken() == ()
    assert disk.vault.copies()[-1] == later
    _is_sound(disk, backup, tmp_path / "new")


def test_push_to_a_bucket_at_any_moment(bucket: Bench, tmp_path: Path) -> None:
    """A real server: what a killed push has left there is removed by the next one of the same machine."""
    backup, chance = bucket.made(size=40 * samples.PART_BYTES), Random(5)
    for number in range(KILLS):
        _run(_command(bucket, "push", "before", 10**6, NAME), kill_after_s=chance.uniform(0.5, 2.5))
        assert bucket.vault.broken() == ()
        _is_sound(bucket, backup, tmp_path / f"new {number}")
        bucket.vault.remove(bucket.vault.copies()[0])


@pytest.mark.parametrize(("number", "moment"), [(1, "before"), (1, "after"), (3, "after")])
def test_removal_of_a_copy(disk: Bench, tmp_path: Path, number: int, moment: str) -> None:
    """The index goes first: what is left is parts of no copy, and removed by the next push."""
    backup, later = disk.made(), disk.vault.push(disk.made(LATER))
    copy = disk.vault.push(backup)
    ended = _run(_command(disk, "remove", moment, number, NAME))

    assert ended == -signal.SIGKILL
    whole = (copy, later) if moment == "before" else (later,)
    assert disk.vault.copies() == whole
    assert disk.vault.broken() == ()
    _is_sound(disk, backup, tmp_path / "new")


@pytest.mark.parametrize(("number", "moment"), [(1, "before"), (1, "after"), (2, "before"), (3, "after")])
def test_prune_here(disk: Bench, number: int, moment: str) -> None:
    """A backup is renamed before its files go: it is there with all of them, or it is none."""
    backup = disk.made()
    before = samples.contents(backup.manifest.parent)
    ended = _run(_command(disk, "prune", moment, number, NAME))
    url = Secret("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    shelf = ScriptBackups(("true",), root=disk.folder, folder=disk.folder / "backups", url=url)

    assert ended == -signal.SIGKILL
    assert shelf.names() == ((NAME,) if (number, moment) == (1, "before") else ())
    if shelf.names():
        assert samples.contents(backup.manifest.parent) == before
    shelf.clear()
    assert [path.name for path in (disk.folder / "backups").iterdir()] == list(shelf.names())


def test_what_another_machine_left_is_kept_for_a_day(disk: Bench, tmp_path: Path) -> None:
    """It may be at work still; parts that have not grown for a day are removed."""
    backup, other = disk.made(), disk.elsewhere("other")
    other.vault.push(other.made(LATER))
    for key in [key for key in disk.objects() if key.endswith(".json")]:
        disk.drop(key)
    left = disk.objects()
    now = datetime.now(UTC)
    soon = replace(disk, now=now + timedelta(hours=20))
    late = replace(disk, now=now + timedelta(hours=28))
    copy = soon.vault.push(backup)

    assert set(left) < set(disk.objects())
    assert late.vault.push(backup) == copy
    assert set(left).isdisjoint(disk.objects())
