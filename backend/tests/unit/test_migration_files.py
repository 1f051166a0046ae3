"""Migration files follow the house rules."""

import ast
import re
from pathlib import Path

import pytest
from alembic.script import Script, ScriptDirectory

from backend.db.revisions import MIGRATIONS, Revisions, SchemaState, read_revisions

NAME = re.compile(r"\d{12}_(expand|contract|data)_[a-z0-9_]+\.py")


def scripts() -> list[Script]:
    """Return every revision, newest first."""
    return list(ScriptDirectory(MIGRATIONS).walk_revisions())


def by_name(script: Script) -> str:
    """Return what the test run shows."""
    return Path(script.path).stem


@pytest.mark.parametrize("script", scripts(), ids=by_name)
class TestRevision:
    """Each revision says what it is."""

    def test_kind_is_in_the_name(self, script: Script) -> None:
        """The file's name says whether the previous release survives the change."""
        named = NAME.fullmatch(Path(script.path).name)

        assert named is not None
        assert named[1] == script.module.kind

    def test_says_if_it_is_reversible(self, script: Script) -> None:
        """A rollback is decided from what the revision says of itself."""
        assert isinstance(script.module.reversible, bool)
        assert callable(script.module.downgrade)

    def test_imports_nothing_of_ours(self, script: Script) -> None:
        """A revision must mean the same in ten years, whatever the code has become."""
        tree = ast.parse(Path(script.path).read_text(encoding="utf-8"))
        modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]

        assert not [name for name in (*modules, *names) if name.startswith("backend")]


class TestRevisions:
    """What this build ships, and how a database relates to it."""

    def test_there_is_one_head(self) -> None:
        """Two heads could not be applied in one order."""
        assert [read_revisions().head] == ScriptDirectory(MIGRATIONS).get_heads()

    @pytest.mark.parametrize(
        ("observed", "state"),
        [
            ({"2"}, SchemaState.CURRENT),
            ({"1"}, SchemaState.OLDER),
            (set(), SchemaState.OLDER),
            ({"3"}, SchemaState.NEWER),
        ],
    )
    def test_judge(self, observed: set[str], state: SchemaState) -> None:
        """Ours is current, one that we ship is older, one that we do not know is newer."""
        revisions = Revisions(head="2", known=frozenset({"1", "2"}))

        assert state == revisions.judge(frozenset(observed))
