"""How much of what was planted is caught, and how much of what is harmless is taken for a secret."""

import pytest

from gonogo.adapters.leaks.listed import patterns as listed
from gonogo.model import Leak
from gonogo.secrecy.patterns import all_of
from gonogo.secrecy.sheets import Origin, Sheets, Watch
from tests.secrecy.corpus import HARMLESS, PLANTED, planted

FORMS = all_of(listed())


def found(text: str) -> list[Leak]:
    """Return what is found in a text."""
    leaks: list[Leak] = []
    sheets = Sheets(watch=Watch(()), patterns=FORMS, told=leaks.append)
    sheets.add(Origin(place="tree", path="a", line=1), text.encode())
    sheets.done()
    return leaks


@pytest.mark.parametrize("name", PLANTED)
def test_what_was_planted_is_caught(name: str) -> None:
    """Among harmless lines, with its line."""
    text = f"first = 1\n\n{planted(name)}\nlast = 2\n"
    assert [each.line for each in found(text)][:1] == [3]


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_is_left_alone(name: str) -> None:
    """A search that cries wolf is switched off."""
    assert found(HARMLESS[name]) == []


def test_the_shares_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """In a table, for docs/secrets.md; both halves are large enough to mean something."""
    caught = sum(bool(found(planted(name))) for name in PLANTED)
    wrong = sum(bool(found(text)) for text in HARMLESS.values())
    with capsys.disabled():
        print(f"\n{'planted secrets':<22}{len(PLANTED):>4}  caught {caught:>3}  {caught / len(PLANTED):>6.1%}")  # noqa: T201
        print(f"{'harmless look-alikes':<22}{len(HARMLESS):>4}  told   {wrong:>3}  {wrong / len(HARMLESS):>6.1%}")  # noqa: T201
    assert len(PLANTED) >= 40 <= len(HARMLESS)
