"""Projects of others are linted with nothing but a gonogo.toml: what was captured, what was not, and why."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gonogo import linting
from gonogo.linting import judging
from gonogo.local import postgres
from gonogo.model import Linted
from tests.lint.foreign import SHAPES, revision, write


@pytest.fixture(scope="module")
def server() -> Iterator[linting.Server]:
    """Return a server that nobody else uses: roles are made on it."""
    folder = Path(os.environ["TEST_FOLDER"]) / f"foreign-{os.getpid()}" / "data"
    yield linting.Server(url=postgres.start(folder, durable=False).url, is_ours=True)
    postgres.stop(folder)


def _looked(root: Path, server: linting.Server | None) -> Linted:
    """Return what is found in a project."""
    return judging.look(linting.migration_setup(root, {}), linting.Asked(), server=lambda: server)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_revision_is_captured(shape: str, tmp_path: Path, server: linting.Server) -> None:
    """Whatever its env.py and its revisions do; twice, because a role outlives its database."""
    write(tmp_path, SHAPES[shape])

    for _ in range(2):
        linted = _looked(tmp_path, server)

        assert (linted.rendered, [note for note in linted.notes if "rendered" in note]) == ((), [])
        assert len(linted.revisions) >= 1
        for kept in (tmp_path / ".gonogo").rglob("*.json"):
            kept.unlink()


@pytest.mark.parametrize("shape", SHAPES)
def test_without_a_server_every_revision_is_told_of(shape: str, tmp_path: Path) -> None:
    """Rendered or not known, never left out."""
    write(tmp_path, SHAPES[shape])

    linted = _looked(tmp_path, None)

    assert linted.rendered == linted.revisions
    assert len(linted.revisions) >= 1


def test_what_the_scratch_server_lacks_is_said(tmp_path: Path, server: linting.Server) -> None:
    """Extensions are noted and not made, roles are made; neither keeps the rest of a history from being run."""
    write(tmp_path, SHAPES["awkward"])

    notes = " ".join(_looked(tmp_path, server).notes)

    assert "the extension postgis, which was noted and not made" in notes
    assert "the role reporting_role_of_theirs, which was made for the run" in notes


def test_a_type_of_a_lacking_extension_is_where_capturing_ends(tmp_path: Path, server: linting.Server) -> None:
    """It says from where on, and why; nothing before it is affected."""
    write(tmp_path, SHAPES["awkward"])
    uses = revision("a5", "a4", 'op.execute("ALTER TABLE t ADD COLUMN place geometry(Point, 4326)")')
    (tmp_path / "migrations/versions/a5.py").write_text(uses)

    linted = _looked(tmp_path, server)

    assert linted.rendered == ("a5",)
    assert any("from a5 on SQL was rendered" in note and "geometry" in note for note in linted.notes)


def test_a_merge_of_branches_in_several_folders_is_read_in_order(tmp_path: Path, server: linting.Server) -> None:
    """Configured in pyproject.toml, without an ini file."""
    write(tmp_path, SHAPES["pyproject"])

    linted = _looked(tmp_path, server)

    assert linted.revisions[-2:] == ("m1", "m2")
    assert {each.reference for each in linted.blocking} == {"index-not-concurrent"}
