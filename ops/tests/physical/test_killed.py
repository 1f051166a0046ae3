"""kill -9, a disk that is full, a server that is not ready: nothing half looks whole, and the next run cleans up."""

import os
import random
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from gonogo.errors import NoGoError, RefusedError
from gonogo.local import postgres
from gonogo.local.waiting import until
from tests.physical import clusters
from tests.physical.clusters import Cluster
from tests.physical.conftest import Story

pytestmark = pytest.mark.contracts

# How often each is killed at a moment that nobody chose.
KILLS = int(os.environ.get("BACKUP_KILLS", "3"))
_TAKE = """
import sys; from pathlib import Path
from gonogo.adapters.physical.keeping import PhysicalBackups
from gonogo.model import BackupPolicy, Moment, RecoveryWish, Secret
url, folder, wal, what, into = sys.argv[1:]
kept = PhysicalBackups(Secret("DATABASE_URL", url), folder=Path(folder), policy=BackupPolicy(wal=Path(wal)))
kept.take(into) if what == "take" else kept.recover(RecoveryWish(into=Path(into), moment=Moment()))
"""


def begun(cluster: Cluster, folder: Path, what: str, into: str, limit: int = 0) -> "subprocess.Popen[bytes]":
    """Start a run in a process of its own."""
    words = (sys.executable, "-c", _TAKE, cluster.url, str(folder), str(cluster.archive), what, into)
    process = subprocess.Popen(words, stderr=subprocess.PIPE)
    if limit:  # before it has come to anything that writes
        psutil.Process(process.pid).rlimit(psutil.RLIMIT_FSIZE, (limit, limit))
    return process


class TestKilled:
    """kill -9 of a backup and of a recovery."""

    def test_a_backup_at_any_moment(self, story: Story, open_path: Path) -> None:
        """The program that copies ends with it; what was there is as it was."""
        folder, chance = clusters.copied(story.cluster, open_path), random.Random(7)
        kept = story.cluster.kept(folder)
        for number in range(KILLS):
            run = begun(story.cluster, folder, "take", f"killed{number}")
            if number:
                with pytest.raises(subprocess.TimeoutExpired):
                    run.wait(chance.uniform(0.3, 1.5))
            else:  # in the middle, for sure
                until(lambda: list(folder.glob(".killed0.part/*/data/*")), "the copy", seconds=clusters.PATIENCE_S)
            clusters.kill(run)
            assert not [each for each in kept.names() if each.startswith("killed") and kept.verify(each)]
            until(lambda: clusters.working(folder) == [], "the end of what it had started", seconds=60)
        following, _ = kept.take("next")

        assert kept.verify("next") == ()
        assert following.kind == "incremental"
        assert list(folder.glob(".*")) == []

    def test_a_recovery_at_any_moment(self, story: Story, open_path: Path) -> None:
        """So does the server that it has started; the next run builds it from the beginning."""
        into = open_path / "cluster"
        for moment in ("copying", "serving"):
            run = begun(story.cluster, story.cluster.backups, "recover", str(into))
            sign = ".cluster.part/data/base" if moment == "copying" else ".cluster.part/data/postmaster.pid"
            until((open_path / sign).exists, f"the {moment}", seconds=clusters.PATIENCE_S)
            clusters.kill(run)
            assert not into.exists()
            data = str(open_path / ".cluster.part" / "data")
            until(lambda at=data: not _serving(at), "the end of the server", seconds=60)  # type: ignore[misc]
        assert begun(story.cluster, story.cluster.backups, "recover", str(into)).wait() == 0
        assert (into / "PG_VERSION").exists()
        assert list(open_path.glob(".*")) == []


class TestFull:
    """A disk that has no room left: a limit on the size of files is told by the system in the same way."""

    @pytest.mark.parametrize("what", ["take", "recover"])
    def test_it_ends_with_words_and_leaves_nothing(self, story: Story, open_path: Path, what: str) -> None:
        """Earlier backups are as they were."""
        folder = clusters.copied(story.cluster, open_path)
        into = "full" if what == "take" else str(open_path / "cluster")
        run = begun(story.cluster, folder, what, into, limit=40_000)
        _, said = run.communicate()

        assert run.returncode == 1
        assert b"no space left" in said
        assert story.cluster.kept(folder).names() == story.names
        assert story.cluster.kept(folder).verify(story.names[2]) == ()
        assert [each.name for each in open_path.iterdir()] == ["backups"]
        assert list(folder.glob(".*")) == []


class TestChains:
    """When the next backup is a full one."""

    def test_after_so_many_incremental_ones(self, story: Story, open_path: Path) -> None:
        """And where none are wanted."""
        folder = clusters.copied(story.cluster, open_path)

        _, reason = story.cluster.kept(folder, keep_incrementals=2).take("a")
        assert reason == f"2 incremental ones follow {story.names[0]}"
        assert story.cluster.kept(folder, keep_incrementals=0).take("b")[1] == "keep_incrementals is 0"

    def test_a_name_that_is_taken_is_refused(self, story: Story) -> None:
        """Nothing is written over."""
        with pytest.raises(RefusedError, match="is there already"):
            story.cluster.kept().take(story.names[0])

    def test_another_cluster_begins_a_chain_of_its_own(self, place: Cluster, story: Story, open_path: Path) -> None:
        """Nothing is mixed."""
        taken, reason = place.kept(clusters.copied(story.cluster, open_path)).take("other")

        assert taken.kind == "full"
        assert "another cluster" in reason


class TestServer:
    """What a server has to be like is checked first, and told all at once, with what to do."""

    def test_settings_and_role(self, place: Cluster) -> None:
        """A role that may not copy, summaries and archiving switched off."""
        place.run("CREATE ROLE reader LOGIN", "ALTER SYSTEM SET summarize_wal = off", "SELECT pg_reload_conf()")
        until(lambda: place.one("SHOW summarize_wal") == "off", "the setting", seconds=60)
        url = place.url.replace("postgres@", "reader@", 1)
        kept = clusters.kept_of(url, place)
        with pytest.raises(NoGoError) as caught:
            kept.take("one")

        assert "summarize_wal is off: ALTER SYSTEM SET summarize_wal = on" in caught.value.message
        assert 'ALTER ROLE "reader" REPLICATION' in caught.value.message
        assert kept.names() == ()
        place.run("ALTER SYSTEM RESET summarize_wal", "SELECT pg_reload_conf()")
        until(lambda: place.one("SHOW summarize_wal") == "on", "the setting", seconds=60)

    def test_a_server_that_lets_no_replication_in(self, place: Cluster) -> None:
        """The line of pg_hba.conf is told."""
        path = place.folder / "postgres" / "pg_hba.conf"
        before = path.read_text(encoding="utf-8")
        path.write_text("\n".join(line for line in before.splitlines() if "replication" not in line) + "\n")
        place.run("SELECT pg_reload_conf()")
        with pytest.raises(NoGoError, match=r"pg_hba\.conf lets no replication connection in"):
            place.kept().take("one")
        path.write_text(before, encoding="utf-8")
        place.run("SELECT pg_reload_conf()")

    def test_the_programs_have_to_be_the_servers_own(
        self, place: Cluster, story: Story, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A program that crashes is none: the folder is named, and what is to be installed."""
        broken = postgres.bin_dir()
        monkeypatch.setenv("PATH", f"{broken}{os.pathsep}{os.defpath}")
        del place
        found = story.cluster.kept().verify(story.names[0])
        if found == ():
            pytest.skip("all of the wheel's programs can be run here")

        assert "pg_verifybackup" in found[0]
        assert str(broken) in found[0]


def _serving(data: str) -> bool:
    """Return whether a server works in a data folder."""
    return any(each.name() == "postgres" for each in clusters.working(Path(data)))
