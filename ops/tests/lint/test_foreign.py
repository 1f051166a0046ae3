"""Projects of others are linted with nothing but a gonogo.toml: what was captured, what was not, and why."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gonogo import bootstrap, linting
from gonogo.errors import RefusedError
from gonogo.linting import judging
from gonogo.local import postgres
from gonogo.model import Linted
from tests.lint.foreign import PROGRAM, SHAPES, revision, write


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


def test_a_program_that_calls_alembic_is_run_as_it_is(tmp_path: Path, server: linting.Server) -> None:
    """What it gets ready is there, and the tables that it makes itself; it does not go on afterwards."""
    write(tmp_path, PROGRAM)

    linted = _looked(tmp_path, server)

    assert (linted.revisions, linted.rendered, linted.notes) == (("a1", "a2"), (), ())


def test_a_program_that_does_not_get_to_alembic_is_told_by_why(tmp_path: Path, server: linting.Server) -> None:
    """Ended before, or never calls it: no history is made up."""
    write(tmp_path, PROGRAM)
    for text, why in (
        ("raise SystemExit(3)", "it ended with 3 before"),
        ("pass", "it does not call Alembic's upgrade"),
    ):
        (tmp_path / "manage.py").write_text(text)
        with pytest.raises(RefusedError, match=f"manage.py db upgrade heads: {why}"):
            _looked(tmp_path, server)


def test_a_program_is_rehearsed_on_the_copy_that_it_has_started_on(tmp_path: Path, server: linting.Server) -> None:
    """Up, down and up again, each in a process that has none of its connections."""
    write(tmp_path, PROGRAM)
    place = bootstrap.Place(setup=linting.migration_setup(tmp_path, {}), config=None, server=server.url)

    told = bootstrap.rehearse(place, bootstrap.Asked(newest=1))

    assert told.trial is not None
    assert [(each.revision, each.problem) for each in told.trial.traced] == [("a2", "")]
    assert [each.revision for each in told.trial.climbed] == ["a2"]


def test_what_stands_in_for_an_extension_can_be_built_upon(tmp_path: Path, server: linting.Server) -> None:
    """Types, functions, indexes of trigrams; in a schema that is named, twice, and dropped again."""
    up = (
        'op.execute("CREATE SCHEMA ext")',
        'op.execute("CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA ext")',
        'op.execute("CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA ext")',
        "op.execute('CREATE EXTENSION \"uuid-ossp\"')",
        'op.execute("CREATE EXTENSION pg_trgm")',
        'op.execute("CREATE TABLE t (id uuid DEFAULT uuid_generate_v4(), name ext.citext, text text)")',
        "op.execute(\"INSERT INTO t (name, text) VALUES ('Ada', repeat('long ', 5000))\")",
        'op.create_index("ix", "t", ["text"], postgresql_using="gin", postgresql_ops={"text": "gin_trgm_ops"})',
        'op.execute("DROP EXTENSION pg_trgm")',
    )
    write(tmp_path, {**SHAPES["own_url"], "migrations/versions/a1.py": revision("a1", None, *up)})

    linted = _looked(tmp_path, server)

    assert (linted.rendered, len(linted.notes)) == ((), 3)
    assert all("others stand in for its types and functions" in note for note in linted.notes)


def test_a_fallback_that_fails_is_not_told_by_what_it_falls_back_from(tmp_path: Path, server: linting.Server) -> None:
    """As env.py's that asks for a running event loop first; one that says nothing is told by its place."""
    write(tmp_path, SHAPES["own_url"])
    for failing, told in (
        ("int('x')", "ValueError: invalid literal"),
        ("assert 1 > 2", "AssertionError: assert 1 > 2 ("),
    ):
        env = f"try:\n    raise RuntimeError('no loop')\nexcept RuntimeError:\n    {failing}\n"
        (tmp_path / "migrations/env.py").write_text(env)

        (note,) = _looked(tmp_path, server).notes

        assert note.startswith("env.py did not get to any revision: all SQL was rendered")
        assert told in note
