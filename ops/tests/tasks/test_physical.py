"""backup.recover and backup.wal: which words they take, before anything is looked at."""

import pytest
from invoke.context import Context

from gonogo.tasks import backup


@pytest.mark.parametrize(
    ("to", "words"),
    [
        ("yesterday", "--to takes a time with its zone"),
        ("2026-11-21T10:42:00", "names no zone"),
        ("0/xyz", "--to takes"),
        ("", "--to takes"),
    ],
)
def test_a_moment_that_is_none(to: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is refused with an example; a time without a zone may be one of many."""
    with pytest.raises(SystemExit) as ended:
        backup.recover(Context(), into="somewhere", to=to)

    assert ended.value.code == 2
    assert words in " ".join("".join(capsys.readouterr()).split())


def test_a_timeline_is_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    """Like that in the name of a WAL file."""
    with pytest.raises(SystemExit) as ended:
        backup.recover(Context(), into="somewhere", timeline="two")

    assert ended.value.code == 2
    assert "--timeline takes a whole number" in "".join(capsys.readouterr())
