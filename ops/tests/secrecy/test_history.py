"""A secret that was committed once is found, wherever it went, and what was read is not read again."""

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from gonogo.adapters.leaks.history import GitHistory
from gonogo.model import Leak, Secret
from gonogo.secrecy.patterns import all_of
from gonogo.secrecy.sheets import Watch
from tests.secrecy.conftest import Repository
from tests.secrecy.corpus import planted

VALUE = "mV3pQ8z/Rt6+Yk$W1nB5&xLc9"
WATCH = Watch((Secret("SECRET_KEY", VALUE), Secret("DATABASE_URL", "postgresql://app:Zx81-kLm2-Qq7@db/app")))


def known(repository: Repository, state: Path, watch: Watch = WATCH) -> tuple[Leak, ...]:
    """Return where values in use stand."""
    return GitHistory(repository.root, state).known(watch).leaks


def test_a_value_that_was_deleted_is_still_told(repository: Repository, tmp_path: Path) -> None:
    """With the commit that brought it, the path and the line."""
    commit = repository.commit("settings", **{"a__b.py": f"one\ntwo\nKEY = '{VALUE}'\n"})
    repository.commit("mend", **{"a__b.py": "one\ntwo\nKEY = read()\n"})
    (leak,) = known(repository, tmp_path)
    assert (leak.what, leak.path, leak.line, leak.commit) == ("SECRET_KEY", "a/b.py", 3, commit)
    assert leak.is_known


@pytest.mark.parametrize(
    "form",
    [
        VALUE,
        quote(VALUE, safe=""),
        base64.b64encode(VALUE.encode()).decode(),
        base64.b64encode(f"user:{VALUE}".encode()).decode(),
        base64.urlsafe_b64encode(f"{{'key': '{VALUE}'}}".encode()).decode(),
        json.dumps({"key": VALUE}),
        "psql postgresql://app:Zx81-kLm2-Qq7@elsewhere/other",
    ],
)
def test_each_form_of_a_value_is_found(repository: Repository, tmp_path: Path, form: str) -> None:
    """As it is, quoted, in base64 at any place, in JSON; of a URL its password alone."""
    repository.commit("more", **{"a.txt": f"before {form} after\n"})
    assert len(known(repository, tmp_path)) == 1


def test_it_is_found_in_messages_branches_tags_and_binary_files(repository: Repository, tmp_path: Path) -> None:
    """Everything that a ref leads to."""
    repository.commit(f"use {VALUE}\n\nfor now")
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("side", side=f"{VALUE}")
    repository.git("tag", "kept")
    repository.git("checkout", "--quiet", "main")
    repository.git("branch", "--quiet", "-D", "side")
    repository.commit("binary", blob=b"\0\1\2\xff" + VALUE.encode() + b"\0\n")
    found = {(leak.place, leak.path) for leak in known(repository, tmp_path)}
    assert found == {("message", ""), ("history", "side"), ("history", "blob")}


def test_what_only_a_merge_brought_is_found(repository: Repository, tmp_path: Path) -> None:
    """Neither parent has it."""
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit("side", a="side\n")
    repository.git("checkout", "--quiet", "main")
    repository.commit("main", b="main\n")
    repository.git("merge", "--quiet", "--no-commit", "--no-ff", "side")
    (repository.root / "a").write_text(f"{VALUE}\n")
    repository.git("add", "--all")
    repository.git("commit", "--quiet", "-m", "merge")
    assert [leak.path for leak in known(repository, tmp_path)] == ["a"]


@pytest.mark.parametrize("name", ["with space.txt", "ümlaut.txt", 'quo"te.txt', "tab\there", "new\nline", "-dash"])
def test_a_file_may_have_any_name(repository: Repository, tmp_path: Path, name: str) -> None:
    """As git lets it."""
    repository.commit_files("odd", [(name, f"{VALUE}\n")])
    assert [leak.line for leak in known(repository, tmp_path)] == [1]


def test_content_that_looks_like_git_s_own_words_confuses_nothing(repository: Repository, tmp_path: Path) -> None:
    """A patch that was committed, with a secret behind it."""
    patch = "diff --git a/x b/x\n--- a/x\n+++ b/other\n@@ -1,2 +3,4 @@\n+line\n\0commit\n"
    repository.commit("patch", **{"real.patch": f"{patch}{VALUE}\n"})
    repository.commit("patch", **{"real.patch": f"{patch}clean\n"})
    assert [(leak.path, leak.line) for leak in known(repository, tmp_path)] == [("real.patch", 7)]


def test_a_second_search_reads_only_what_is_new(repository: Repository, tmp_path: Path) -> None:
    """And still tells what the first one found."""
    repository.commit("leak", a=VALUE)
    first = GitHistory(repository.root, tmp_path).known(WATCH)
    second = GitHistory(repository.root, tmp_path).known(WATCH)
    repository.commit("again", b=VALUE)
    third = GitHistory(repository.root, tmp_path).known(WATCH)
    assert [(each.commits, each.known, len(each.leaks)) for each in (first, second, third)] == [
        (2, 0, 1),
        (0, 2, 1),
        (1, 2, 2),
    ]


def test_a_history_that_was_mended_is_clean(repository: Repository, tmp_path: Path) -> None:
    """What no ref leads to any more is not told."""
    before = repository.git("rev-parse", "HEAD")
    repository.commit("leak", a=VALUE)
    assert len(known(repository, tmp_path)) == 1
    repository.git("reset", "--quiet", "--hard", before)
    repository.commit("clean", a="clean")
    assert known(repository, tmp_path) == ()


def test_another_value_is_looked_for_in_everything(repository: Repository, tmp_path: Path) -> None:
    """What was read before was read for other values."""
    repository.commit("leak", a="9HdF2sGj7UeAmV3p")
    assert known(repository, tmp_path) == ()
    assert len(known(repository, tmp_path, Watch((Secret("NEW", "9HdF2sGj7UeAmV3p"),)))) == 1


def test_what_is_remembered_holds_no_secret(repository: Repository, tmp_path: Path) -> None:
    """Nor any part of one, in files that nobody else may read."""
    secret = planted("github classic")
    repository.commit("leak", a=f"{VALUE} Zx81-kLm2-Qq7\n{secret}\n")
    history = GitHistory(repository.root, tmp_path)
    assert history.known(WATCH).leaks
    assert history.unknown(all_of()).leaks
    files = [path for path in (tmp_path / "leaks").rglob("*") if path.is_file()]
    kept = b"".join(path.read_bytes() for path in files).decode("latin-1")
    assert not any(word[at : at + 6] in kept for word in (VALUE, secret[8:]) for at in range(len(word) - 6))
    assert {path.stat().st_mode & 0o077 for path in files} == {0}
    assert {path.name for path in files} == {"salt", "known.json", "unknown.json"}


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"key": 1}', '{"key": "x", "tips": 3}'])
def test_what_is_remembered_and_damaged_is_read_anew(repository: Repository, tmp_path: Path, damage: str) -> None:
    """Nothing is lost by that but time."""
    repository.commit("leak", a=VALUE)
    known(repository, tmp_path)
    (tmp_path / "leaks" / "known.json").write_text(damage)
    assert len(known(repository, tmp_path)) == 1


def test_more_commits_than_may_be_read_now_are_said(repository: Repository, tmp_path: Path) -> None:
    """A release does not wait for them; what was found before is told all the same."""
    repository.commit("leak", a=VALUE)
    known(repository, tmp_path)
    for number in range(3):
        repository.commit("more", b=f"{number}")
    searched = GitHistory(repository.root, tmp_path).known(WATCH, most=2)
    assert len(searched.leaks) == 1
    assert searched.notes == ("3 commits were not looked through yet",)


def test_what_looks_like_a_secret_is_told_without_knowing_it(repository: Repository, tmp_path: Path) -> None:
    """By its kind, with its line."""
    repository.commit("leak", **{"a.env": f"# token\n{planted('github classic')}\n"})
    (leak,) = GitHistory(repository.root, tmp_path).unknown(all_of()).leaks
    assert (leak.what, leak.path, leak.line, leak.is_known) == ("GitHub token", "a.env", 2, False)


def test_a_clone_that_is_cut_off_says_so(repository: Repository, tmp_path: Path) -> None:
    """Older commits may hold anything."""
    repository.commit("second", a="1")
    clone = Repository(tmp_path / "clone")
    repository.git("clone", "--quiet", "--depth", "1", f"file://{repository.root}", str(clone.root))
    (note,) = GitHistory(clone.root, tmp_path).known(WATCH).notes
    assert "git fetch --unshallow" in note


def test_a_placeholder_is_not_looked_for() -> None:
    """It is everywhere; the value itself is told elsewhere."""
    assert Watch((Secret("A", "changeme-please"), Secret("B", "short"), Secret("C", ""))).forms == ()
