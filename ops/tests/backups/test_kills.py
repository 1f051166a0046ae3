"""kill -9 at any moment: nothing that is half looks whole, and the next run cleans up."""

import os
import random
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from gonogo.local.waiting import until
from tests.backups import places
from tests.backups.places import Place, before, leftovers, shim, working

pytestmark = pytest.mark.contracts

# How often it is killed at a moment that nobody chose.
KILLS = int(os.environ.get("BACKUP_KILLS", "3"))


@pytest.fixture
def case(place: Place, earlier: Path) -> tuple[Place, Path]:
    """Return a database and a backup from before."""
    return place, earlier


class TestKilled:
    """kill -9: nothing that is half looks whole, and the next run cleans up."""

    @pytest.mark.parametrize("moment", ["before", "after"])
    @pytest.mark.parametrize("tool", ["mkfifo", "psql", "pg_dump", "pg_dumpall", "xargs", "awk", "sync", "rm", "mv"])
    def test_at_each_step(
        self, case: tuple[Place, Path], tool: str, moment: str, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """The shell is killed by the program that it has just called."""
        place, earlier = case
        shutil.copytree(earlier, place.folder / "earlier")
        when = "*--snapshot*" if tool == "pg_dump" else "*"
        # Some programs are called in a subshell: the script itself is the one that leads the group of all.
        kill = f'case "$*" in {when}) kill -9 "$LEADER" ;; esac'
        text = f'{kill}; REAL "$@"' if moment == "before" else f'REAL "$@"; code=$?; {kill}; exit $code'
        tools = shim(tmp_path_factory.mktemp("tools"), tool, text)
        leader = f'LEADER=$$ exec sh "{places.SCRIPT}"'
        environ = place.environ(PATH=before(tools), BACKUP_NAME="killed")
        done = subprocess.run(("sh", "-c", leader), cwd=place.folder, env=environ, capture_output=True, check=False)

        assert done.returncode == -signal.SIGKILL
        _is_cleaned_up(place, "killed")

    def test_at_any_moment(self, heavy: str, earlier: Path, tmp_path: Path) -> None:
        """And so do those that it has started: they are ended."""
        place, chance = Place(url=heavy, folder=tmp_path), random.Random(7)
        assert place.run(BACKUP_NAME="earlier").returncode == 0
        for number in range(KILLS):
            name = f"killed{number}"
            environ = place.environ(BACKUP_NAME=name)
            run = subprocess.Popen(("sh", str(places.SCRIPT)), cwd=tmp_path, env=environ, stdout=subprocess.DEVNULL)
            with pytest.raises(subprocess.TimeoutExpired):
                run.wait(chance.uniform(0, 0.4))
            run.kill()
            run.wait()
            _is_cleaned_up(place, name)

    @pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_asked_to_end_it_leaves_nothing(
        self, place: Place, tmp_path_factory: pytest.TempPathFactory, asked: signal.Signals
    ) -> None:
        """Nor anybody at work."""
        aside = tmp_path_factory.mktemp("aside")
        text = f'case "$*" in *--snapshot*) : >{aside}/begun; exec sleep 60 ;; esac; exec REAL "$@"'
        environ = place.environ(PATH=before(shim(aside / "tools", "pg_dump", text)), BACKUP_NAME="one")
        run = subprocess.Popen(("sh", str(places.SCRIPT)), cwd=place.folder, env=environ)
        until((aside / "begun").exists, "the dump", seconds=60)
        run.send_signal(asked)

        assert run.wait(60) == 130
        assert place.kept() == leftovers(place) == []
        until(lambda: working(place) == [], "the end of what it started", seconds=30)


def _is_cleaned_up(place: Place, name: str) -> None:
    """Hold that a killed run left no half backup, and that the next run leaves nothing of it."""
    shown = place.kept()
    assert set(shown) <= {name, "earlier", *(path for path in shown if path.startswith("next-"))}
    if name in shown:
        assert place.backups.verify(name) == ()
    for left in place.folder.glob(".*.part"):
        if not (left / "owner").exists():  # killed in the moment in which it has no owner: it is removed a minute later
            os.utime(left, (1, 1))
    following = place.run(BACKUP_NAME=f"next-{name}")

    assert following.returncode == 0, following.stderr
    assert leftovers(place) == []
    assert place.backups.verify("earlier") == place.backups.verify(f"next-{name}") == ()
    until(lambda: working(place) == [], "the end of what the killed run had started", seconds=30)
