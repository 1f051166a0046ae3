"""The port EvidenceLog."""

from pathlib import Path

import pytest

from gonogo.adapters.files import FileLog, write_whole
from gonogo.protocols import EvidenceLog
from gonogo.testing import MemoryLog, Scene

pytestmark = pytest.mark.contracts


@pytest.fixture(params=["memory", "real"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> EvidenceLog:
    """Return an empty log, in a folder that is not there yet."""
    return FileLog(tmp_path / "comms" / "log.md") if request.param == "real" else MemoryLog(Scene())


class TestEvidenceLog:
    """The append-only log that people read."""

    def test_an_empty_log_contains_nothing(self, log: EvidenceLog) -> None:
        """Asking before the first line is not an error."""
        assert not log.contains("r1")

    def test_a_line_is_found_by_a_part_of_it(self, log: EvidenceLog) -> None:
        """By the release's id, for example."""
        log.append("2026-01-01 r1 released")

        assert log.contains("r1 released")
        assert not log.contains("r2")

    def test_a_second_line_leaves_the_first(self, log: EvidenceLog) -> None:
        """Lines are only added."""
        log.append("one")
        log.append("two")

        assert log.contains("one")
        assert log.contains("two")


class TestFileLog:
    """The file."""

    def test_each_line_is_a_line(self, tmp_path: Path) -> None:
        """What was in the file stays in front."""
        path = tmp_path / "log.md"
        path.write_text("# Log\n", encoding="utf-8")

        FileLog(path).append("one ü")

        assert path.read_text(encoding="utf-8") == "# Log\none ü\n"

    def test_after_a_last_line_without_an_end_a_new_one_begins(self, tmp_path: Path) -> None:
        """Editors leave such files behind."""
        path = tmp_path / "log.md"
        path.write_text("# Log", encoding="utf-8")

        FileLog(path).append("one")

        assert path.read_text(encoding="utf-8") == "# Log\none\n"


class TestWriteWhole:
    """gonogo.adapters.files.write_whole."""

    def test_it_replaces_and_leaves_nothing_else(self, tmp_path: Path) -> None:
        """The half-written file is never seen, and gone afterwards."""
        path = tmp_path / "releases" / "report.html"
        write_whole(path, "old")

        write_whole(path, "new")

        assert path.read_text(encoding="utf-8") == "new"
        assert [each.name for each in path.parent.iterdir()] == ["report.html"]
