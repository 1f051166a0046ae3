"""The only place that prints.

Terminals get colours, spinners and a live view, everything else plain lines. Cheap to import: `invoke --list` loads
this module, so rich and our own records are imported where they are used, and arguments that are such records are
not annotated with their classes.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TextIO

from gonogo import redaction
from gonogo.errors import ConfigurationError, GonogoError
from gonogo.tasks.paste import pasteable

_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_MARKS = {"done": "✓", "failed": "✗", "revert_failed": "✗", "reverted": "↩"}
_STYLES = {"title": "bold", "good": "green", "bad": "bold red", "warn": "yellow", "command": "bold cyan"}
_REFRESH_PER_SECOND = 8
_ENDLESS = 10_000  # columns, to ask how wide a table would like to be


class Console:
    """Where a task's words go.

    With `json_mode` standard output gets one JSON object and nothing else; words for people go to standard error.
    Errors always go to standard error.
    """

    def __init__(self, *, json_mode: bool = False) -> None:
        """Choose where words for people go."""
        self._json_mode = json_mode
        self._terminals: dict[TextIO, Any] = {}

    def document(self, obj: Mapping[str, Any]) -> None:
        """Print the JSON object, on lines of its own for people alone; does nothing without `json_mode`."""
        if self._json_mode:
            indent = 2 if _is_terminal(sys.stdout) else None
            _put(sys.stdout, json.dumps(redaction.PROCESS.hidden_in(dict(obj)), indent=indent) + "\n")

    def line(self, text: str = "") -> None:
        """Print one line."""
        self.lines([text])

    def lines(self, texts: Iterable[str]) -> None:
        """Print lines, all at once."""
        from gonogo.report import words

        cleaned = "\n".join(words.clean(pasteable(text)) for text in texts)
        if _is_terminal(self._people):
            self._terminal(self._people).print(cleaned, markup=False, highlight=False, soft_wrap=True)
        else:
            _put(self._people, f"{cleaned}\n")

    def reveal(self, text: str) -> None:
        """Print text with its secrets: only for a command that was asked for exactly these."""
        self._people.write(f"{text}\n")
        self._people.flush()

    def error(self, error: GonogoError) -> None:
        """Print an error's form: reference, what, where, why, the next command."""
        from gonogo.report import lines

        self._block(lines.of_error(error), sys.stderr)

    def problems(self, error: ConfigurationError) -> None:
        """Print every problem of a configuration at once, each on its line."""
        from gonogo.report import lines

        self._block(lines.of_problems(error), sys.stderr)

    def plan(self, plan: Any) -> None:  # a Plan, see above
        """Print what a release would do."""
        from gonogo.report import lines

        self._block(lines.of_plan(plan), self._people)

    def block(self, lines: Sequence[Any]) -> None:  # Lines, see above
        """Print labelled lines."""
        self._block(lines, self._people)

    def verdict(self, report: Any, page_path: Path | str) -> None:  # a Report, see above
        """Print how a release ended and where its page is."""
        from gonogo.report import lines

        self.line()
        self._block(lines.of_verdict(report, str(page_path)), self._people)

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Print a table; every row has as many cells as there are headers."""
        from gonogo.report import lines

        if _is_terminal(self._people):
            terminal = self._terminal(self._people)
            _show_table(terminal, headers, rows)
        else:
            _put(self._people, lines.columns(headers, rows))

    def confirm(self, question: str) -> bool:
        """Ask a question and return whether the answer was yes; without a terminal it is no, unasked."""
        if not (sys.stdin.isatty() and self._people.isatty()):
            return False
        _put(self._people, f"{question} [y/N] ")
        return sys.stdin.readline().strip().lower() in {"y", "yes"}

    def typed(self, question: str, word: str) -> bool:
        """Ask for a word to be typed and return whether it was; without a terminal it is not, unasked."""
        if not (sys.stdin.isatty() and self._people.isatty()):
            return False
        _put(self._people, f"{question} [{word}] ")
        return sys.stdin.readline().strip() == word

    def secret(self, question: str) -> str:
        """Ask for a secret, which the terminal does not show; without a terminal it is empty, unasked."""
        if not (sys.stdin.isatty() and self._people.isatty()):
            return ""
        import getpass

        return getpass.getpass(f"{question}: ", stream=self._people).strip()

    @contextmanager
    def status(self, message: str) -> Iterator[None]:
        """Show that something takes a while: a spinner on a terminal, one line elsewhere."""
        if not _is_terminal(self._people):
            self.line(message)
            yield
            return
        from rich.text import Text

        with self._terminal(self._people).status(Text(message)):
            yield

    @contextmanager
    def working(self, message: str) -> Iterator[Callable[[str], None]]:
        """Show that something takes long, and yield what is told each part of it: a spinner with its time, or lines."""
        if not _is_terminal(self._people):
            self.line(message)
            began = time.monotonic()
            yield lambda part: self.line(f"{time.monotonic() - began:7.1f}s  {part}")
            return
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False)
        with Progress(*columns, console=self._terminal(self._people), transient=True) as shown:
            task = shown.add_task(message)
            yield lambda part: shown.update(task, description=part)

    def timeline(
        self,
        plan: Any,  # a Plan, see above
        *,
        past: Sequence[Any] = (),
        requests: Callable[[], tuple[int, int]] | None = None,
    ) -> AbstractContextManager["Timeline"]:
        """Return what shows a running release: live on a terminal, a line per event elsewhere.

        Args:
            plan: what will be done.
            past: the entries of a release that is resumed.
            requests: returns how many requests were sent so far and how many of them failed.
        """
        from gonogo.report import progress

        state = progress.begin(plan, past)
        return self._live(state, requests) if _is_terminal(self._people) else self._plain(state)

    @contextmanager
    def _plain(self, state: Any) -> Iterator["Timeline"]:
        """Print a line per event."""
        yield Timeline(state, told=self.line)

    @contextmanager
    def _live(self, state: Any, requests: Callable[[], tuple[int, int]] | None) -> Iterator["Timeline"]:
        """Draw the release again and again until it ends; the last drawing stays."""
        from rich.live import Live

        timeline = Timeline(state)
        with Live(
            get_renderable=lambda: _view(timeline, requests),
            console=self._terminal(self._people),
            refresh_per_second=_REFRESH_PER_SECOND,
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield timeline

    @property
    def _people(self) -> TextIO:
        """Return the stream that people read."""
        return sys.stderr if self._json_mode else sys.stdout

    def _block(self, block: Sequence[Any], stream: TextIO) -> None:
        """Print labelled lines."""
        from gonogo.report import lines

        shown = [lines.Line(each.label, pasteable(each.text), each.tone) for each in block]
        if _is_terminal(stream):
            _draw(self._terminal(stream), shown)
        else:
            _put(stream, lines.plain(shown))

    def _terminal(self, stream: TextIO) -> Any:  # rich's console, imported late
        """Return rich's console for a stream, always the same one."""
        from rich.console import Console as Terminal

        return self._terminals.setdefault(stream, Terminal(file=stream, highlight=False))


class Timeline:
    """Follows a running release; `entry` is called with every entry that its journal gets."""

    def __init__(self, state: Any, told: Callable[[str], None] | None = None) -> None:  # a State
        """Start from a state; `told` gets each event as a line."""
        self.state = state
        self._told = told
        self._began = self._opened = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        """Return the seconds since we began to look."""
        return time.monotonic() - self._began

    @property
    def running_s(self) -> float:
        """Return the seconds since a step was last opened."""
        return time.monotonic() - self._opened

    def entry(self, entry: Any) -> None:  # an Entry, see above
        """Take note of an entry and show it."""
        from gonogo.report import progress

        self.state = progress.advance(self.state, entry)
        if progress.opens(entry):
            self._opened = time.monotonic()
        if self._told:
            for line in progress.event(entry, self.state):
                self._told(line)


def _view(timeline: Timeline, requests: Callable[[], tuple[int, int]] | None) -> Any:  # rich's
    """Return the live view: versions, a row per step, requests."""
    from rich.console import Group
    from rich.text import Text

    plan = timeline.state.plan
    title = f"{plan.environment}  {plan.previous_version} → {plan.target_version}  {timeline.elapsed_s:.0f} s"
    counts = [requests()] if requests else []
    foot = [Text(_requests(each), style=_STYLES["bad"] if each[1] else "dim", no_wrap=True) for each in counts]
    return Group(Text(title, style="bold", no_wrap=True, overflow="ellipsis"), _steps(timeline), *foot)


def _steps(timeline: Timeline) -> Any:  # rich's
    """Return a row per step; notes are cut where the terminal ends."""
    from rich.table import Table
    from rich.text import Text

    from gonogo.report import progress

    grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
    grid.add_column(width=1)
    grid.add_column(no_wrap=True, min_width=14)
    grid.add_column(no_wrap=True, min_width=6, justify="right")
    grid.add_column(no_wrap=True, ratio=1, overflow="ellipsis")
    for row in progress.rows(timeline.state, running_s=timeline.running_s):
        tone = _STYLES.get(row.tone, "dim")
        frame = _FRAMES[int(timeline.elapsed_s * _REFRESH_PER_SECOND) % len(_FRAMES)]
        mark = frame if row.is_open else _MARKS.get(row.status, "·")
        note = Text(row.note, style="" if row.tone in {"title", "bad"} else "dim")
        grid.add_row(Text(mark, style=tone), Text(row.name, style=tone), Text(row.took), note)
    return grid


def _draw(terminal: Any, block: Sequence[Any]) -> None:
    """Print labelled lines whose texts wrap beside their labels; what is meant to be copied is not broken."""
    from rich.text import Text

    width = max((len(line.label) for line in block), default=0)
    for line in block:
        label, text = _styled(line)
        if line.tone == "command":
            terminal.print(Text.assemble(label, " " * (width + 2 - len(line.label)), text), soft_wrap=True)
        else:
            terminal.print(_beside(label, text, width) if line.label else text)


def _beside(label: Any, text: Any, width: int) -> Any:
    """Return a text that wraps beside its label."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=width, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(label, text)
    return grid


def _styled(line: Any) -> tuple[Any, Any]:  # a Line; rich's texts
    """Return a line's label and text in its tone: the whole of a heading or a command, else the label."""
    from rich.text import Text

    from gonogo.report import words

    style = _STYLES.get(line.tone, "")
    whole = not line.label or line.tone == "command" or line.label == "error"
    return Text(line.label, style=style or "dim"), Text(words.clean(line.text), style=style if whole else "")


def _show_table(terminal: Any, headers: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table; where it is wider than the terminal a block for each row, so that no id is broken."""
    from gonogo.report import lines

    table = _table(headers, rows)
    if terminal.measure(table, options=terminal.options.update(width=_ENDLESS)).maximum <= terminal.width:
        terminal.print(table)
        return
    for row in rows:
        told = zip(headers, row, strict=True)
        block = [lines.Line(header, cell, lines.Tone.COMMAND) for header, cell in told if cell]
        _draw(terminal, [*block, lines.Line()])


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:  # rich's
    """Return a table with a line below its headers."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from gonogo.report import words

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for header in headers:
        table.add_column(header, overflow="fold")
    for row in rows:
        table.add_row(*(Text(words.clean(cell)) for cell in row))
    return table


def _requests(counts: tuple[int, int]) -> str:
    """Return the count of requests in words."""
    total, failed = counts
    return f"requests {total:,}, failed {failed:,}"


def _is_terminal(stream: TextIO) -> bool:
    """Return whether a stream can show colours and be drawn over."""
    if not stream.isatty() or not (stream.encoding or "").lower().startswith("utf"):
        return False
    from rich.console import Console as Terminal

    return not Terminal(file=stream).is_dumb_terminal


def _put(stream: TextIO, text: str) -> None:
    """Write text at once, without secrets; what the stream cannot spell becomes a question mark."""
    encoding = stream.encoding or "utf-8"
    text = redaction.PROCESS.hidden(text)
    try:
        stream.write(text.encode(encoding, "replace").decode(encoding))
        stream.flush()
    except BrokenPipeError:  # nobody reads any more: what is being done goes on, unseen
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
