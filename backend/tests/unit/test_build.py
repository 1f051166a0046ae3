"""The build file is believed before the environment."""

import json
from pathlib import Path

import pytest

from backend.core.build import UNKNOWN, read_build

BAKED, DECLARED = "a" * 40, "b" * 40


class TestReadBuild:
    """Where the identity comes from."""

    def test_file_wins(self, tmp_path: Path) -> None:
        """A platform may declare the commit that it was asked for, not the one that it runs."""
        file = tmp_path / "build.json"
        file.write_text(json.dumps({"commit": BAKED}))

        assert read_build(file, DECLARED).commit == BAKED

    def test_declared_commit_is_next(self, tmp_path: Path) -> None:
        """Without a file, a full commit in the environment will do."""
        assert read_build(tmp_path / "none", DECLARED).version == DECLARED[:12]

    @pytest.mark.parametrize("declared", [None, "", "HEAD", "abc123"])
    def test_anything_else_is_unknown(self, tmp_path: Path, declared: str | None) -> None:
        """What is not a full commit identifies nothing."""
        assert read_build(tmp_path / "none", declared).version == UNKNOWN

    @pytest.mark.parametrize(("said", "known"), [("b-1", "b-1"), ("", None), ("two words", None), (None, None)])
    def test_id_tells_builds_of_one_commit_apart(self, tmp_path: Path, said: str | None, known: str | None) -> None:
        """It is the file's own word, and only one that can be one."""
        file = tmp_path / "build.json"
        file.write_text(json.dumps({"commit": BAKED} | ({} if said is None else {"build_id": said})))

        assert read_build(file, None).id == known

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"commit": 1}'])
    def test_broken_file_is_ignored(self, tmp_path: Path, content: str) -> None:
        """A broken build file does not stop the process."""
        file = tmp_path / "build.json"
        file.write_text(content)

        assert read_build(file, None).commit == UNKNOWN
