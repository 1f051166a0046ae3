"""What is released is what is committed."""

from dataclasses import replace

from gonogo.checks.git_tree_is_clean import check
from gonogo.model import Severity
from tests.unit.checks.verdicts import said
from tests.unit.releases import CONFIG

DIRTY_ALLOWED = replace(CONFIG, target=replace(CONFIG.target, allow_dirty=True))


def test_uncommitted_changes_block() -> None:
    """Each is named."""
    ((severity, message, hint),) = said(check, git__dirty=("a.py", "b.py"))
    assert (severity, message) == (Severity.BLOCK, "uncommitted changes would not be in the release: a.py, b.py")
    assert hint


def test_many_changes_are_counted() -> None:
    """Five are shown."""
    ((_, message, _),) = said(check, git__dirty=tuple("abcdefg"))
    assert message.endswith("a, b, c, d, e and 2 more")


def test_where_a_snapshot_is_allowed_they_are_worth_a_word() -> None:
    """They are in the release then."""
    ((severity, message, _),) = said(check, DIRTY_ALLOWED, git__dirty=("a.py",))
    assert (severity, "snapshot commit: a.py" in message) == (Severity.ADVISE, True)


def test_a_clean_tree_is_said() -> None:
    """In any environment."""
    assert said(check) == said(check, DIRTY_ALLOWED) == [(Severity.INFO, "no uncommitted changes", "")]
