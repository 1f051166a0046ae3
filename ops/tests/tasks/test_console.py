"""The console: what goes where, with and without a terminal."""

import contextlib
import io
import json
import os
import pty
import re
import subprocess
import sys
import termios
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gonogo import report
from gonogo.errors import ConfigurationError, StepFailedError
from gonogo.tasks.console import Console
from tests.report.samples import Story, make_plan, released, rolled_back

ROOT = Path(__file__).parents[2]
ERROR = StepFailedError("smoke-failed", "2 tests failed", where="prod", why="users see it", hint="invoke x")


class Terminal(io.TextIOWrapper):
    """A pseudo terminal of a given width; somebody reads along, so that writing never waits."""

    def __init__(self, *, width: int = 100) -> None:
        """Open both ends."""
        self._reader, writer = pty.openpty()
        termios.tcsetwinsize(writer, (40, width))
        super().__init__(os.fdopen(writer, "wb", buffering=0), encoding="utf-8", write_through=True)
        self._told: list[bytes] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def shown(self) -> str:
        """Close it and return everything that was written to it."""
        self.close()
        self._reading.join(timeout=60)
        return b"".join(self._told).decode()

    def _read(self) -> None:
        """Read until the other end is closed, which a pseudo terminal reports as an error."""
        with contextlib.suppress(OSError):
            while chunk := os.read(self._reader, 65536):
                self._told.append(chunk)
        os.close(self._reader)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Terminal]]:
    """Yield what opens a terminal of a width and makes it standard output."""
    made: list[Terminal] = []

    def open_terminal(*, width: int = 100) -> Terminal:
        made.append(Terminal(width=width))
        monkeypatch.setenv("COLUMNS", str(width))  # rich measures the process's own streams
        monkeypatch.setattr(sys, "stdout", made[-1])
        return made[-1]

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    yield open_terminal
    for terminal in made:
        terminal.shown()


class TestWithoutATerminal:
    """Plain lines."""

    def test_words_for_people_go_to_standard_output(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A pipe gets the text alone."""
        Console().line("hello")

        assert capsys.readouterr() == ("hello\n", "")

    def test_errors_go_to_standard_error(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The form, a field a line."""
        Console().error(ERROR)

        out, err = capsys.readouterr()
        assert out == ""
        assert err.splitlines() == [
            "error  smoke-failed",
            "what   2 tests failed",
            "where  prod",
            "why    users see it",
            "next   invoke x",
        ]

    def test_every_problem_has_its_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """All that is missing is said at once."""
        Console().problems(ConfigurationError("incomplete", "2 are missing", problems=("A", "B")))

        assert "problem  A\nproblem  B\n" in capsys.readouterr().err

    def test_every_event_is_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A log can be followed while the release runs; the verdict says how many requests failed."""
        with Console().timeline(make_plan(), requests=lambda: (1234, 5)) as timeline:
            for entry in released():
                timeline.entry(entry)

        told = capsys.readouterr().out.splitlines()
        assert len(told) == len(released())
        assert told[2].split() == ["1.0s", "preflight", "done", "1.0", "s", "seen", "proof", "of", "preflight"]

    def test_a_verdict_ends_with_the_page(self, capsys: pytest.CaptureFixture[str]) -> None:
        """The last line is where to read on."""
        Console().verdict(report.render(rolled_back()), Path("releases/report.html"))

        assert capsys.readouterr().out.splitlines()[-1] == "report    releases/report.html"

    def test_a_plan_is_readable(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Versions first."""
        Console().plan(make_plan())

        first = capsys.readouterr().out.splitlines()[0]
        assert first == "Plan for prod: 1a2b3c4d5e6f → 9f8e7d6c5b4a"

    def test_a_table_is_aligned(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Columns without lines."""
        Console().table(("fault", "ended"), [("worker-crash", "1")])

        assert capsys.readouterr().out == "fault         ended\nworker-crash  1\n"

    def test_a_question_is_not_asked(self, capsys: pytest.CaptureFixture[str]) -> None:
        """No terminal, no prompt: the answer is no."""
        assert Console().confirm("Release?") is False
        assert Console().typed("To lose it, type", "prod") is False
        assert capsys.readouterr() == ("", "")

    def test_long_work_is_one_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        """No spinner in a log."""
        with Console().status("starting the stack"):
            pass

        assert capsys.readouterr().out == "starting the stack\n"

    def test_terminal_codes_in_a_message_are_taken_out(self, capsys: pytest.CaptureFixture[str]) -> None:
        """What comes from outside cannot steer the reader's terminal."""
        Console().line("a\x1b[2Jb")

        assert capsys.readouterr().out == "a[2Jb\n"

    def test_a_stream_that_cannot_spell_does_not_break_the_release(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """ASCII gets a question mark."""
        spelled = io.BytesIO()
        stream = io.TextIOWrapper(spelled, encoding="ascii")
        monkeypatch.setattr(sys, "stdout", stream)
        Console().line("a → b")

        assert spelled.getvalue() == b"a ? b\n"


class TestJsonMode:
    """--json."""

    def test_standard_output_gets_the_document_and_nothing_else(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Everything for people goes to standard error."""
        console = Console(json_mode=True)
        console.line("hello")
        console.plan(make_plan())
        console.table(("a",), [("b",)])
        console.verdict(report.render(released()), "x")
        console.error(ERROR)
        console.document({"verdict": "released"})

        out, err = capsys.readouterr()
        assert json.loads(out) == {"verdict": "released"}
        assert "hello" in err

    def test_without_it_there_is_no_document(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A task may hand its document over either way."""
        Console().document({"verdict": "released"})

        assert capsys.readouterr().out == ""


class TestOnATerminal:
    """Colours and the live view, on a real pseudo terminal."""

    def test_the_live_view_ends_with_every_step(self, opened: Callable[..., Terminal]) -> None:
        """Its last drawing stays, with marks and seconds."""
        terminal = opened()
        with Console().timeline(make_plan(), requests=lambda: (10, 0)) as timeline:
            for entry in rolled_back():
                timeline.entry(entry)

        last = terminal.shown().split("prod  1a2b3c4d5e6f")[-1]
        assert [mark for mark in last if mark in "✓✗↩·"] == list("✓✓✓✓✓↩↩✗··")
        assert "requests 10, failed 0" in last

    @pytest.mark.parametrize("width", [40, 60, 140])
    def test_no_row_is_wider_than_the_terminal(self, width: int, opened: Callable[..., Terminal]) -> None:
        """A narrow terminal cuts notes; a row never wraps."""
        narrow = opened(width=width)
        with Console().timeline(make_plan()) as timeline:
            for entry in Story().failed("backup", "a very long message " * 20).entries:
                timeline.entry(entry)

        last = re.sub(r"\x1b\[[0-9;?]*[a-z]", "", narrow.shown().split("prod  1a2b3c4d5e6f")[-1]).splitlines()
        assert len(last) == 11
        assert max(len(row) for row in last) <= width

    def test_colours_follow_no_color(self, opened: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch) -> None:
        """With NO_COLOR there is none."""
        terminal = opened()
        monkeypatch.setenv("NO_COLOR", "1")
        Console().verdict(report.render(rolled_back()), "x")

        assert "\x1b[3" not in terminal.shown()

    def test_a_verdict_has_colour(self, opened: Callable[..., Terminal]) -> None:
        """Without NO_COLOR it is seen from afar."""
        terminal = opened()
        Console().verdict(report.render(rolled_back()), "x")

        assert "\x1b[33m" in terminal.shown()

    def test_a_command_is_never_broken(self, opened: Callable[..., Terminal]) -> None:
        """What is meant to be copied stays on one line, however long."""
        terminal = opened()
        hint = "invoke deploy.resume --env production --release " + "x" * 200
        Console().verdict(report.render(Story().ended("interrupted", 130, hint=hint)), "x")

        assert hint in terminal.shown()

    def test_a_table_that_does_not_fit_breaks_no_cell(self, opened: Callable[..., Terminal]) -> None:
        """On a narrow terminal a row is a block, so that a release's id can still be copied."""
        terminal = opened(width=40)
        Console().table(("release", "verdict"), [("20261121T150408937-cd1c47f" * 2, "released")])

        assert "20261121T150408937-cd1c47f" * 2 in terminal.shown()

    def test_a_table_that_fits_has_one_row_of_headers(self, opened: Callable[..., Terminal]) -> None:
        """On a terminal that is wide enough a table stays one."""
        terminal = opened(width=140)
        Console().table(("release", "verdict"), [("a", "released"), ("b", "released")])

        assert terminal.shown().count("verdict") == 1

    def test_a_dumb_terminal_gets_plain_lines(
        self, opened: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is drawn over where nothing can be."""
        terminal = opened()
        monkeypatch.setenv("TERM", "dumb")
        with Console().status("starting"):
            pass

        assert terminal.shown() == "starting\r\n"

    @pytest.mark.parametrize(("typed", "answer"), [("y\n", True), ("yes\n", True), ("\n", False), ("", False)])
    def test_a_question_takes_yes_alone(
        self, typed: str, answer: bool, opened: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Anything else, and an end of input, is no."""
        terminal = opened()
        keyboard = io.StringIO(typed)
        keyboard.isatty = lambda: True  # type: ignore[method-assign]  # a keyboard is a terminal
        monkeypatch.setattr(sys, "stdin", keyboard)

        assert Console().confirm("Release?") is answer
        assert "Release? [y/N]" in terminal.shown()


class TestTyped:
    """A word to be typed, where yes is too little."""

    @pytest.mark.parametrize(("typed", "answer"), [("prod\n", True), (" prod \n", True), ("y\n", False), ("", False)])
    def test_only_the_word_itself_counts(
        self, typed: str, answer: bool, opened: Callable[..., Terminal], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nobody types it by habit."""
        terminal = opened()
        keyboard = io.StringIO(typed)
        keyboard.isatty = lambda: True  # type: ignore[method-assign]  # a keyboard is a terminal
        monkeypatch.setattr(sys, "stdin", keyboard)

        assert Console().typed("To lose it, type", "prod") is answer
        assert "To lose it, type [prod]" in terminal.shown()


def test_loading_it_loads_nothing_heavy() -> None:
    """`invoke --list` pays neither for rich nor for our own records."""
    code = (
        "import sys, importlib.util as u;"
        "spec = u.spec_from_file_location('console', 'gonogo/tasks/console.py');"
        "module = u.module_from_spec(spec); spec.loader.exec_module(module);"
        "print([name for name in ('rich', 'gonogo.model', 'gonogo.report') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
