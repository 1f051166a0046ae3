"""What revisions can do to a linter: none of it hangs it, blinds it, or ends it without a word."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo import lint
from gonogo.adapters import capturing
from gonogo.adapters.capturing import Source
from gonogo.errors import RefusedError
from gonogo.lint.source import read_source
from gonogo.model import Chain, Manner
from tests.lint.projects import SYNC, add, project
from tests.lint.samples import found, migration
from tests.lint.test_capturing import scratch

__all__ = ["scratch"]
SLOW = 'op.get_bind().execute(sa.text("SELECT pg_sleep(600)"))'


def _captured(root: Path, scratch: str, *, seconds: float = 60.0) -> Chain:
    """Return a project's history."""
    command = (sys.executable, "-m", "alembic")
    source = Source(command=command, root=root, ini="alembic.ini", seconds=seconds)
    return capturing.capture(source, scratch=scratch)


def _between(root: Path, *lines: str) -> Path:
    """Return a project whose second revision of three runs some lines."""
    project(root, SYNC)
    add(root, "a1", None, 'op.execute("CREATE TABLE t0 (id int)")')
    add(root, "a2", "a1", *lines)
    add(root, "a3", "a2", 'op.create_index("i", "t0", ["id"])')
    return root


@pytest.mark.parametrize(
    "lines",
    [
        (SLOW,),
        ("while True: pass",),
        ("while True:", "    try:", "        while True: pass", "    except Exception:", "        pass"),
    ],
)
def test_a_revision_that_never_ends_is_stopped_and_named(tmp_path: Path, scratch: str, lines: tuple[str, ...]) -> None:
    """The others are told of all the same."""
    chain = _captured(_between(tmp_path, *lines), scratch, seconds=2.0)

    assert [each.manner is Manner.CAPTURED for each in chain.migrations] == [True, False, False]
    assert "did not end within 2 s" in chain.migrations[1].problem
    assert chain.notes[0].startswith("from a2 on SQL was rendered")


def test_a_revision_that_exits_is_named(tmp_path: Path, scratch: str) -> None:
    """`sys.exit` is an error of that revision, and of it alone."""
    chain = _captured(_between(tmp_path, "import sys", "sys.exit(3)"), scratch)

    assert (len(chain.migrations), "SystemExit" in chain.migrations[1].problem) == (3, True)


def test_a_revision_that_ends_the_process_is_named(tmp_path: Path, scratch: str) -> None:
    """Nothing can be told then, but who it was."""
    with pytest.raises(RefusedError, match=r"a2 ended the whole process \(status 9\)"):
        _captured(_between(tmp_path, "import os", "os._exit(9)"), scratch)


@pytest.mark.parametrize(
    "lines",
    [
        ('print("{" * 100_000)', "import sys", 'sys.stderr.write("x" * 100_000)'),
        ("import os, tempfile", "os.chdir(tempfile.gettempdir())"),
        ("import os", "if os.fork() == 0:", "    os._exit(0)", "os.wait()"),
        ("import subprocess, sys", "subprocess.run([sys.executable, '-c', 'print(1)'], check=True)"),
        ("import sys", "sys.stdout.close()"),
    ],
)
def test_what_a_revision_does_beside_sql_changes_nothing(tmp_path: Path, scratch: str, lines: tuple[str, ...]) -> None:
    """Printing, another folder, other processes."""
    chain = _captured(_between(tmp_path, *lines), scratch)

    assert [each.manner for each in chain.migrations] == [Manner.CAPTURED] * 3
    assert [each.path for each in chain.migrations][2] == "migrations/versions/a3_change.py"


def test_a_file_of_another_encoding_is_read(tmp_path: Path, scratch: str) -> None:
    """As Python reads it: the file says which."""
    root = _between(tmp_path)
    path = root / "migrations" / "versions" / "a2_change.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\n# caf\xe9\n" + path.read_bytes())

    assert "café" in _captured(root, scratch).migrations[1].source


def test_a_file_with_nul_bytes_is_refused_in_words(tmp_path: Path, scratch: str) -> None:
    """Python does not read it either."""
    root = _between(tmp_path)
    with (root / "migrations" / "versions" / "a2_change.py").open("ab") as file:
        file.write(b"\0")

    with pytest.raises(RefusedError, match="null bytes"):
        _captured(root, scratch)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE a AS SELECT " + "(" * 20_000 + "1" + ")" * 20_000,
        "UPDATE users SET name = '" + "x" * 1_000_000 + "' WHERE id = 1",
        "INSERT INTO users (id) VALUES " + ", ".join(f"({number})" for number in range(60_000)),  # noqa: S608
        "SELECT '" + "''" * 200_000,
        "/*" * 50_000,
        "DO $$ BEGIN " + "IF true THEN " * 2_000 + "DROP TABLE users; " + "END IF; " * 2_000 + "END $$",
        "CREATE FUNCTION f() RETURNS int SECURITY DEFINER SET search_path = '' LANGUAGE plpgsql AS $$ BEGIN "
        + "PERFORM 'a'; " * 5_000
        + "END $$",
        "CREATE FUNCTION f() RETURNS int SECURITY DEFINER SET search_path = '' LANGUAGE sql AS $$ SELECT "
        + "(" * 3_000
        + "1"
        + ")" * 3_000
        + " $$",
        "ALTER TABLE users " + ", ".join(f"ADD COLUMN c{number} int" for number in range(3_000)),
        "\0DROP TABLE users",
        "$a$ $b$ " * 20_000,
    ],
    ids=range(11),
)
def test_no_text_is_too_much_for_the_reader(text: str) -> None:
    """Long, deep, cut off in the middle: it comes to an end, and to findings."""
    assert isinstance(found(migration(text)), tuple)


@pytest.mark.parametrize("make", [lambda: "0000_" * 45, lambda: "a_" * 100, lambda: "abcd-1234_" * 22])
def test_no_name_of_a_file_is_too_much_for_the_reader(make: Callable[[], str]) -> None:
    """Its kind may stand behind any number of numbers."""
    assert not read_source("", f"{make()}x.py").kind
    assert read_source("", f"{make()}12_contract_x.py".replace("a_", "aaaa_")).kind == "contract"


def test_a_source_too_deep_for_python_is_a_finding() -> None:
    """Said, and the chain goes on."""
    deep = "x = " + "(" * 3_000 + ")" * 3_000

    assert "does-not-run" in {each.reference for each in found(migration("SELECT 1", source=deep))}
    assert lint.REFERENCES
