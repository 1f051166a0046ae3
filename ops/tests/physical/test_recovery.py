"""A data folder out of a chain and the WAL after it: at the moment that was asked for, or not at all."""

import os
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from gonogo.adapters.physical import places
from gonogo.errors import RefusedError
from gonogo.local import accounts
from gonogo.local.waiting import until
from gonogo.model import Moment, Recovered, RecoveryWish
from tests.physical import clusters
from tests.physical.conftest import Story

pytestmark = pytest.mark.contracts


def recovered(story: Story, into: Path, moment: Moment, **more: object) -> Recovered:
    """Recover into a folder."""
    return story.cluster.kept().recover(RecoveryWish(into=into, moment=moment, **more))  # type: ignore[arg-type]


class TestMoments:
    """Two writes, and moments before, between and after them."""

    def test_between_two_writes_by_the_clock(self, story: Story, open_path: Path) -> None:
        """The first write is there, the mistake is not; what is left starts as it is, on a timeline of its own."""
        into = open_path / "cluster"
        found = recovered(story, into, Moment(at=story.between))

        assert found.chain == story.names
        assert found.rows["public.thoughts"] == 531
        assert found.schema_revision == "r1"
        assert found.timeline == 2
        assert found.reached_at is not None
        assert found.reached_at <= story.between
        assert _asked(story, into, open_path / "wal", "SELECT count(*) FROM thoughts WHERE words = 'kept'") == "1"
        assert _asked(story, into, open_path / "wal", "SELECT count(*) FROM thoughts WHERE words = 'a mistake'") == "0"
        assert (open_path / "wal" / "00000002.history.gz").exists()
        assert [each.name for each in open_path.glob(".*")] == []

    def test_between_two_writes_by_the_place_in_the_wal(self, story: Story, open_path: Path) -> None:
        """The same."""
        found = recovered(story, open_path / "cluster", Moment(lsn=story.between_lsn))

        assert found.rows["public.thoughts"] == 531
        assert found.reached_lsn >= story.between_lsn

    def test_the_latest(self, story: Story, open_path: Path) -> None:
        """All that was archived."""
        assert recovered(story, open_path / "cluster", Moment()).rows["public.thoughts"] == 1

    def test_a_backups_end_needs_no_archive_and_is_held_against_its_manifest(
        self, story: Story, open_path: Path
    ) -> None:
        """Nothing had changed since its rows were counted: they have to be equal."""
        found = recovered(story, open_path / "cluster", Moment(is_backup=True), name=story.names[1])

        assert found.is_compared
        assert found.chain == story.names[:2]
        assert found.rows["public.thoughts"] == 510

    def test_try_out_leaves_nothing(self, story: Story, open_path: Path) -> None:
        """Only its word."""
        folder = clusters.copied(story.cluster, open_path)

        assert story.cluster.kept(folder).try_out(story.names[2]) == ()
        assert sorted(each.name for each in folder.iterdir()) == sorted(story.names)


class TestRefused:
    """What cannot be reached is told before anything is written."""

    @pytest.mark.parametrize(
        ("moment", "reference"),
        [
            (Moment(lsn=1), "moment-too-early"),
            (Moment(lsn=0xFFFFFFFFFF), "wal-missing"),
        ],
        ids=["early", "late"],
    )
    def test_a_moment_that_nothing_reaches(self, story: Story, open_path: Path, moment: Moment, reference: str) -> None:
        """Before the first backup, after the last WAL."""
        with pytest.raises(RefusedError) as caught:
            recovered(story, open_path / "cluster", moment)

        assert caught.value.reference == reference
        assert list(open_path.iterdir()) == []

    def test_times_before_the_first_backup_and_after_now(self, story: Story, open_path: Path) -> None:
        """The same, by the clock."""
        first = story.cluster.kept().all()[0]
        for at, reference in (
            (first.taken_at, "moment-too-early"),
            (story.between + timedelta(days=9), "moment-too-late"),
        ):
            with pytest.raises(RefusedError) as caught:
                recovered(story, open_path / "cluster", Moment(at=at))
            assert caught.value.reference == reference

    def test_a_time_after_the_last_commit_is_not_taken_for_the_end(self, story: Story, open_path: Path) -> None:
        """The archive ends before: nobody knows what else there was."""
        at = story.between + timedelta(seconds=(clusters.now() - story.between).total_seconds() - 0.01)
        with pytest.raises(RefusedError) as caught:
            recovered(story, open_path / "cluster", Moment(at=at))

        assert caught.value.reference == "moment-not-reached"
        assert list(open_path.iterdir()) == []

    def test_a_place_that_holds_anything(self, story: Story, open_path: Path) -> None:
        """A cluster above all; it stays as it is."""
        into = open_path / "cluster"
        into.mkdir()
        (into / "PG_VERSION").write_text("18\n", encoding="ascii")
        with pytest.raises(RefusedError, match="holds a cluster"):
            recovered(story, into, Moment())

        assert [each.name for each in into.iterdir()] == ["PG_VERSION"]

    def test_an_empty_folder_is_no_cluster(self, story: Story, open_path: Path) -> None:
        """A volume that was just made is where it goes."""
        into = open_path / "cluster"
        into.mkdir()

        assert recovered(story, into, Moment(is_backup=True)).rows["public.thoughts"] == 520


class TestArchiveDamaged:
    """A gap, a damaged file, an archive that is away: told with the place up to which WAL can be replayed."""

    @pytest.fixture
    def damaged(self, story: Story, open_path: Path) -> Story:
        """Return the story with an archive of its own."""
        wal = open_path / "wal"
        shutil.copytree(story.cluster.archive, wal, copy_function=os.link)
        return replace(story, cluster=replace(story.cluster, archive=wal))

    def test_a_gap(self, damaged: Story, open_path: Path) -> None:
        """The latest cannot be had; a moment before the gap can."""
        wal, last = damaged.cluster.archive, damaged.cluster.kept().all()[-1]
        needed = places.file_name(1, places.last_number(last.stop_lsn, 1 << 20), 1 << 20)
        (wal / f"{needed}.gz").rename(open_path / "aside")
        with pytest.raises(RefusedError, match=f"{needed} is not in the archive") as caught:
            recovered(damaged, open_path / "cluster", Moment())
        assert caught.value.reference == "wal-missing"
        facts = damaged.cluster.kept().wal(None, is_read=False)

        assert facts is not None
        assert any(needed in each for each in facts.problems)
        assert recovered(damaged, open_path / "cluster", Moment(is_backup=True)).rows["public.thoughts"] == 520

    def test_after_a_recovery_both_lines_can_be_followed(self, damaged: Story, open_path: Path) -> None:
        """The newest by default, the old one by its number: a moment may have been the wrong one."""
        first = open_path / "first"
        _further(damaged)
        recovered(damaged, first, Moment(at=damaged.between))
        _asked(damaged, first, damaged.cluster.archive, "SELECT 1")
        newest = recovered(damaged, open_path / "newest", Moment())
        old = recovered(damaged, open_path / "old", Moment(), timeline=1)

        assert newest.rows["public.thoughts"] == 532
        assert old.rows["public.thoughts"] == 1
        assert (newest.timeline, old.timeline) == (3, 3)

    @pytest.mark.parametrize("damage", ["bit", "cut", "empty"])
    def test_a_damaged_file(self, damaged: Story, open_path: Path, damage: str) -> None:
        """One bit, its end, all of it."""
        last = max(damaged.cluster.archive.glob("00000001????????????????.gz"))
        content = bytearray(last.read_bytes())
        if damage == "bit":  # early: among the zeros behind, another one may say the same
            content[60] ^= 16
        clusters.rewrite(last, {"bit": bytes(content), "cut": bytes(content[:-9]), "empty": b""}[damage])
        with pytest.raises(RefusedError, match=last.name) as caught:
            recovered(damaged, open_path / "cluster", Moment())
        facts = damaged.cluster.kept().wal(None, is_read=True)

        assert caught.value.reference == "wal-missing"
        assert facts is not None
        assert any(last.name in each for each in facts.problems)

    def test_an_archive_that_is_away(self, damaged: Story, open_path: Path) -> None:
        """An unmounted disk is no empty archive."""
        damaged.cluster.archive.rename(open_path / "elsewhere")
        with pytest.raises(RefusedError) as caught:
            recovered(damaged, open_path / "cluster", Moment())

        assert caught.value.reference == "wal-archive-away"


def _further(story: Story) -> None:
    """Let the old line go on for longer than the new one will, and archive that in the copy too."""
    source = story.cluster.folder / "wal"
    for _ in range(4):
        story.cluster.run("SELECT pg_logical_emit_message(true, 'test', 'later')")
        name = story.cluster.one("SELECT pg_walfile_name(pg_switch_wal())")
        until((source / f"{name}.gz").exists, f"{name} is archived", seconds=clusters.PATIENCE_S)
    for each in source.iterdir():
        if each.suffix == ".gz" and not (story.cluster.archive / each.name).exists():
            os.link(each, story.cluster.archive / each.name)


def _asked(story: Story, into: Path, archive: Path, query: str) -> str:
    """Start a recovered data folder as a server would be, with an archive, write one more row, and ask it."""
    archive.mkdir(exist_ok=True)
    aside = archive.parent
    accounts.hand_over(archive)
    script = story.cluster.folder / "archive_wal.sh"
    command = f'sh {script} "%p" "%f" {archive}'
    options = f"-c unix_socket_directories={story.cluster.sockets} -c port=5433 -c archive_command='{command}'"
    program = story.cluster.tools / "pg_ctl"
    clusters.as_account(program, "start", "-w", "-D", str(into), "-o", options, "-l", str(aside / "server.log"))
    try:
        with psycopg.connect(
            f"postgresql://postgres@/postgres?host={story.cluster.sockets}&port=5433", autocommit=True
        ) as connection:
            row = connection.execute(query.encode()).fetchone()
            connection.execute("INSERT INTO thoughts VALUES (7, 'afterwards')")
            switched = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone() or ("",)
            for name in ("00000002.history", switched[0]):
                until((archive / f"{name}.gz").exists, f"{name} is archived", seconds=clusters.PATIENCE_S)
    finally:
        clusters.as_account(program, "stop", "-w", "-m", "fast", "-D", str(into))
    return str(row[0]) if row else ""
