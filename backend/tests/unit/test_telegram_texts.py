"""How texts become messages, and messages become commands."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.telegram import messages
from backend.features.telegram.messages import AnswerText, CapturedSummary, Command, PlanText
from backend.providers.telegram.splitting import LIMIT, length_of, split

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)
LIMITS = st.integers(min_value=2, max_value=40)


def without_blanks(text: str) -> str:
    """Return a text without its blanks."""
    return "".join(text.split())


class TestSplit:
    """A long text becomes messages."""

    @given(text=ANY_TEXT, limit=LIMITS)
    def test_every_part_fits_and_nothing_is_lost(self, text: str, limit: int) -> None:
        """No part is blank or too long, and together they say all that the text says."""
        parts = split(text, limit=limit)

        assert all(0 < length_of(part) <= limit and part.strip() == part for part in parts)
        assert without_blanks("".join(parts)) == without_blanks(text)

    @given(text=st.text("ab \n.\U0001f600", max_size=200), limit=LIMITS)
    def test_units_are_those_of_utf_16(self, text: str, limit: int) -> None:
        """A part holds no half of a surrogate pair, and its length is counted as Telegram counts."""
        for part in split(text, limit=limit):
            assert len(part.encode("utf-16-le")) // 2 == length_of(part) <= limit

    @given(count=st.integers(min_value=1, max_value=12), limit=st.integers(min_value=16, max_value=40))
    def test_emoji_stay_whole(self, count: int, limit: int) -> None:
        """A family, a flag and a letter with its accents are cut through nowhere, as long as they fit at all."""
        text = f"{FAMILY}\U0001f1e8\U0001f1edn\u0303\u0323" * count

        parts = split(text, limit=limit)

        assert all(unicodedata.category(part[0]) not in {"Mn", "Cf"} for part in parts)
        assert all(not part.endswith("\u200d") for part in parts)
        flags = [sum(each in "\U0001f1e8\U0001f1ed" for each in part) for part in parts]
        assert all(halves % 2 == 0 for halves in flags)

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("", []),
            (" \n ", []),
            ("short", ["short"]),
            ("one two.\n\nthree four", ["one two.", "three four"]),
            ("one two\nthree four", ["one two", "three four"]),
            ("One two. Three fo ur", ["One two.", "Three fo ur"]),
            ("one two three four", ["one two", "three four"]),
            ("abcdefghijklmnopq", ["abcdefghijkl", "mnopq"]),
            ("\U0001f600" * 7, ["\U0001f600" * 6, "\U0001f600"]),
        ],
        ids=["nothing", "blank", "fits", "paragraph", "line", "sentence", "word", "no pause", "pairs"],
    )
    def test_cuts_where_people_pause(self, text: str, parts: list[str]) -> None:
        """The best pause in the second half of a part is where it ends."""
        assert split(text, limit=12) == parts

    def test_is_quick_whatever_the_text(self) -> None:
        """A megabyte of blanks and line ends is no trap."""
        assert split("a" + " \n" * 500_000 + "b")[-1] == "b"

    def test_limit_is_telegrams(self) -> None:
        """A message of the most characters is one part, one more makes two."""
        assert [len(part) for part in split("x" * LIMIT)] == [4096]
        assert [len(part) for part in split("x" * (LIMIT + 1))] == [4096, 1]


class TestCommands:
    """What somebody wants."""

    @pytest.mark.parametrize(
        ("text", "command"),
        [
            ("buy milk", ("text", "buy milk")),
            ("? what is due", ("ask", "what is due")),
            ("?what", ("ask", "what")),
            ("?", ("help", "")),
            ("/start abc_-1", ("start", "abc_-1")),
            ("/start", ("start", "")),
            ("/HELP", ("help", "")),
            ("/help@some_bot now", ("help", "now")),
            ("/mode  query", ("mode", "query")),
            ("/capture\nbuy milk\nand bread", ("capture", "buy milk\nand bread")),
            ("/ask", ("ask", "")),
            ("/frobnicate x", ("unknown", "x")),
            ("/", ("unknown", "")),
        ],
    )
    def test_reads_what_is_typed(self, text: str, command: tuple[str, str]) -> None:
        """A command, its argument, and what is none."""
        assert messages.command_of(text) == Command(name=command[0], argument=command[1])


class TestReplies:
    """What is said."""

    def test_says_what_was_found(self) -> None:
        """A line for each thing, none where nothing was found."""
        assert messages.of_captured(CapturedSummary(title="call Bob", found=("task: call Bob",))) == (
            "Noted: call Bob\n• task: call Bob"
        )
        assert messages.of_captured(CapturedSummary(title="hm")) == "Noted: hm"

    def test_answers_with_its_sources(self) -> None:
        """An answer says what it is taken from."""
        answer = AnswerText(text="Friday.", sources=("dentist on Friday",))

        assert messages.of_answer(answer) == "Friday.\n\nFrom:\n• dentist on Friday"

    def test_an_empty_day_is_said(self) -> None:
        """A plan is never only a title."""
        assert messages.of_plan(PlanText(title="Today")) == "Today\n• nothing is due"

    def test_far_too_long_a_reply_is_cut(self) -> None:
        """A chat gets ten messages at most, and the last one says that there is more."""
        parts = messages.parts_of("word " * 20_000)

        assert len(parts) == messages.PARTS_MAX
        assert "too long" in parts[-1]
