"""The archive command: never overwrites, never half, and says in its exit status what PostgreSQL has to know."""

import gzip
import os
import subprocess
from pathlib import Path

import pytest

from gonogo.adapters.physical import places, wal
from gonogo.local.waiting import until
from tests.backups.places import shim
from tests.physical.clusters import ARCHIVE, Cluster
from tests.physical.conftest import Story

NAME = "000000010000000000000007"
SIZE = 1 << 20


@pytest.fixture
def segment(tmp_path: Path) -> Path:
    """Return a file to archive."""
    path = tmp_path / NAME
    path.write_bytes(os.urandom(4096) + bytes(SIZE - 4096))
    (tmp_path / "archive").mkdir()
    return path


def archived(segment: Path, *, path: str = os.defpath, name: str = NAME) -> subprocess.CompletedProcess[str]:
    """Run the command as PostgreSQL does."""
    words = ("sh", str(ARCHIVE), str(segment), name, str(segment.parent / "archive"))
    return subprocess.run(words, env={"PATH": path}, capture_output=True, text=True, check=False)


def kept(segment: Path) -> list[str]:
    """Return what the archive holds."""
    return sorted(each.name for each in (segment.parent / "archive").iterdir())


class TestScript:
    """One file, by hand."""

    def test_it_is_compressed_and_equal(self, segment: Path) -> None:
        """Nothing else is left."""
        assert archived(segment).returncode == 0
        assert kept(segment) == [f"{NAME}.gz"]
        assert gzip.decompress((segment.parent / "archive" / f"{NAME}.gz").read_bytes()) == segment.read_bytes()

    def test_again_is_fine_and_other_content_is_refused(self, segment: Path) -> None:
        """PostgreSQL may not have heard of the first time; another server's file is not written over."""
        assert [archived(segment).returncode for _ in range(2)] == [0, 0]
        before = (segment.parent / "archive" / f"{NAME}.gz").read_bytes()
        segment.write_bytes(bytes(SIZE))
        done = archived(segment)

        assert done.returncode == 1
        assert "with other content" in done.stderr
        assert (segment.parent / "archive" / f"{NAME}.gz").read_bytes() == before

    def test_an_archive_that_is_not_mounted(self, segment: Path) -> None:
        """Its folder is not made."""
        (segment.parent / "archive").rmdir()
        done = archived(segment)

        assert done.returncode == 1
        assert "is it mounted?" in done.stderr
        assert not (segment.parent / "archive").exists()

    @pytest.mark.parametrize("name", ["../x", "a b", "", ".hidden", "a;b"])
    def test_what_is_no_name(self, segment: Path, name: str) -> None:
        """Nothing is written anywhere."""
        assert archived(segment, name=name).returncode == 2
        assert kept(segment) == []

    @pytest.mark.parametrize("text", ["REAL -1 -c | head -c 500; exit 1", "REAL -1 -c | head -c 500"])
    def test_a_full_disk_leaves_nothing(self, segment: Path, text: str) -> None:
        """Told by the program that writes, or seen when it is read back."""
        tools = shim(segment.parent / "tools", "gzip", f'case "$*" in *-1*) {text} ;; *) exec REAL "$@" ;; esac')
        done = archived(segment, path=f"{tools}{os.pathsep}{os.defpath}")

        assert done.returncode == 1
        assert kept(segment) == []

    @pytest.mark.parametrize("tool", ["gzip", "cmp", "sync", "ln"])
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_killed_at_each_step(self, segment: Path, tool: str, when: str) -> None:
        """What has the name is whole; the next time cleans up and ends well."""
        text = 'kill -9 "$LEADER"; exit 1' if when == "before" else 'REAL "$@"; kill -9 "$LEADER"'
        tools = shim(segment.parent / "tools", tool, text)
        leader = f'LEADER=$$ exec sh "{ARCHIVE}" "$@"'
        words = ("sh", "-c", leader, "sh", str(segment), NAME, str(segment.parent / "archive"))
        subprocess.run(words, env={"PATH": f"{tools}{os.pathsep}{os.defpath}"}, check=False, capture_output=True)
        for each in (segment.parent / "archive").glob("0*"):
            assert gzip.decompress(each.read_bytes()) == segment.read_bytes()

        assert archived(segment).returncode == 0
        assert kept(segment) in ([f"{NAME}.gz"], [f".{NAME}.part", f"{NAME}.gz"])


class TestRead:
    """What an archive holds."""

    def test_names_go_on_over_the_end_of_a_log(self) -> None:
        """With files of any size."""
        for size in (1 << 20, 16 << 20, 1 << 30):
            names = [places.file_name(3, number, size) for number in range(4094, 4098)]
            assert [places.number_of(name, size) for name in names] == list(range(4094, 4098))
        assert places.file_name(1, 256, 16 << 20) == "000000010000000100000000"

    @pytest.mark.parametrize("missing", [1, 2, 3])
    def test_a_gap_is_named(self, tmp_path: Path, missing: int) -> None:
        """Its first and its last file."""
        for number in {0, 1, 2, 3, 4} - set(range(1, missing + 1)):
            (tmp_path / places.file_name(1, number, SIZE)).write_bytes(b"")
        archive = wal.read(tmp_path)
        (found,) = wal.gaps(wal.runs(archive, SIZE), archive, SIZE)

        assert found.startswith(f"{missing} WAL file(s) are missing: {places.file_name(1, 1, SIZE)}")

    def test_a_timeline_without_its_history(self, tmp_path: Path) -> None:
        """Nobody could tell where it begins."""
        (tmp_path / places.file_name(2, 5, SIZE)).write_bytes(b"")
        archive = wal.read(tmp_path)

        assert list(wal.gaps(wal.runs(archive, SIZE), archive, SIZE)) == [
            "00000002.history is missing: nobody can tell where timeline 2 begins"
        ]


@pytest.mark.contracts
class TestServer:
    """A server that archives."""

    def test_a_healthy_archive_has_no_problem(self, story: Story) -> None:
        """And says what was archived last."""
        backups = story.cluster.kept()
        facts = backups.wal(backups.archiver(), is_read=True)

        assert facts is not None
        assert facts.problems == ()
        assert facts.archiver is not None
        assert facts.archiver.last_wal
        assert len(facts.runs) == 1

    def test_an_archive_that_cannot_be_written_to(self, place: Cluster) -> None:
        """The server says so; once it can, nothing is missing."""
        aside = place.folder / "aside"
        place.archived()
        place.archive.rename(aside)
        place.run("CREATE TABLE more ()")
        place.run("SELECT pg_switch_wal()")
        from_server = place.kept()
        until(lambda: from_server.archiver().failed_at is not None, "the server's word", seconds=120)
        place.archive.mkdir()
        facts = from_server.wal(from_server.archiver(), is_read=False)
        place.archive.rmdir()
        aside.rename(place.archive)
        place.archived()
        healed = from_server.wal(from_server.archiver(), is_read=True)

        assert facts is not None
        assert any("the server cannot archive" in each for each in facts.problems)
        assert any("which is not there" in each for each in facts.problems)
        assert healed is not None
        assert healed.problems == ()
