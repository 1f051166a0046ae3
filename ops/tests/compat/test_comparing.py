"""The working tree against the release that runs: nox -s compat, on a project of somebody else's."""

import os
import sys
from pathlib import Path

import pytest

from gonogo.errors import UsageError
from gonogo.local import comparing
from gonogo.local.comparing import Compared
from tests.compat.conftest import Shop
from tests.local.conftest import git

# An environment that is ours: installing one is not what is tried here.
ENVIRONMENT = """mkdir -p "$UV_PROJECT_ENVIRONMENT/bin"
printf '#!/bin/sh\\nexec "{python}" "$@"\\n' > "$UV_PROJECT_ENVIRONMENT/bin/python"
chmod +x "$UV_PROJECT_ENVIRONMENT/bin/python"
"""
REVISION = """
from alembic import op

revision = "0002"
down_revision = "0001"
kind = "{kind}"


def upgrade():
    op.execute("{sql}")
"""


@pytest.fixture
def tree(shop: Shop) -> Path:
    """Return the shop as a repository whose one commit is what runs."""
    root = shop.checkout.path
    (root / "environment.sh").write_text(ENVIRONMENT.format(python=sys.executable), encoding="utf-8")
    suite = root / "smoke_shop.py"
    suite.write_text(suite.read_text(encoding="utf-8").partition("def test_what_never_works")[0], encoding="utf-8")
    (root / ".gitignore").write_text(".gonogo\n__pycache__\n", encoding="utf-8")
    git(root, "init", "--quiet", "--initial-branch=main")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    return root


def compare(tree: Path, against: str = "HEAD") -> Compared:
    """Compare the tree with a commit, on the servers of the tests."""
    servers = {"STACK_DATABASE_URL": os.environ["TEST_DATABASE_URL"], "STACK_REDIS_URL": os.environ["TEST_REDIS_URL"]}
    return comparing.compare(tree, against=against, environment="prod", environ=servers, progress=lambda _: None)


def add_revision(tree: Path, sql: str, kind: str = "expand") -> None:
    """Add a revision to the tree."""
    path = tree / "migrations" / "versions" / "0002_next.py"
    path.write_text(REVISION.format(kind=kind, sql=sql), encoding="utf-8")


def test_nothing_pending_is_said_without_starting_anything(tree: Path) -> None:
    """Not even a checkout is made."""
    found = compare(tree)

    assert (found.pending, found.rows, found.holds) == ((), (), True)
    assert not (tree / ".gonogo").exists()


def test_nobody_guesses_which_release_runs(tree: Path) -> None:
    """Without a ledger it is to be named."""
    with pytest.raises(UsageError, match="the ledger knows no release of prod"):
        compare(tree, against="")


def test_a_local_stack_that_is_down_runs_no_release(tree: Path) -> None:
    """What serves there would be it; how to have one is said."""
    path = tree / "gonogo.toml"
    path.write_text(path.read_text(encoding="utf-8") + '\n[environments.local]\nstack = "local"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="nothing serves on the local stack") as refused:
        comparing.compare(tree, against="", environment="local", environ={}, progress=lambda _: None)
    assert refused.value.hint.startswith("invoke stack.up")


def test_both_releases_live_on_an_expanded_schema(tree: Path) -> None:
    """The one that runs through the migration, the working tree on what it makes."""
    add_revision(tree, "ALTER TABLE items ADD COLUMN colour text")

    found = compare(tree)

    assert [(row.release.split()[-1], row.outlived.runs) for row in found.rows] == [("now)", True), ("tree", True)]
    assert [each.id for each in found.pending] == ["0002"]


def test_contraction_that_comes_too_early_fails_for_both(tree: Path) -> None:
    """The working tree is asked before and after it, and still uses what it takes away."""
    add_revision(tree, "ALTER TABLE items DROP COLUMN name", kind="contract")

    found = compare(tree)

    assert [row.outlived.runs for row in found.rows] == [False, False]
    assert found.rows[1].schema == "before and after 0002"
    assert any("items.name" in line for line in found.rows[1].outlived.failed)
