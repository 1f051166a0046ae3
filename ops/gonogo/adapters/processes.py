"""Run other programs and wait for them."""

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gonogo.errors import RefusedError


@dataclass(frozen=True, kw_only=True, slots=True)
class Completed:
    """What a program left behind.

    Attributes:
        code: its exit status; negative for a signal.
    """

    code: int
    stdout: str
    stderr: str

    @property
    def last_words(self) -> str:
        """Return the last line that it printed to standard error, or to standard output."""
        return last_words(self.stderr or self.stdout)


def last_words(text: str) -> str:
    """Return the last line of what a program printed; of what a database said, none that quotes values."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    details = (at for at, line in enumerate(lines) if at and line.startswith(_DETAILS))
    lines = lines[: next(details, None)]
    return lines[-1] if lines else "it printed nothing"


_DETAILS = ("DETAIL:", "CONTEXT:")


@dataclass(frozen=True, slots=True)
class Running:
    """A program that was started and waits for what it is to read."""

    command: tuple[str, ...]
    process: subprocess.Popen[str]

    def tell(self, stdin: str) -> None:
        """Let the program read all that it will be told, and go on while it works; no more than a pipe holds."""
        if self.process.stdin:
            with suppress(BrokenPipeError):
                self.process.stdin.write(stdin)
                self.process.stdin.close()
            self.process.stdin = None

    def end(self, stdin: str = "", *, timeout_s: float = 600.0) -> Completed:
        """Let the program read, wait for its end, and return what it left.

        Args:
            stdin: what it reads.
            timeout_s: after this many seconds the program and its children are killed.

        Raises:
            RefusedError: it did not end in time.
        """
        try:
            stdout, stderr = self.process.communicate(stdin, timeout=timeout_s)
        except subprocess.TimeoutExpired:
            _end(self.process)
            message = f"{self.command[0]} did not end within {timeout_s:g} s"
            raise RefusedError("program-too-slow", message) from None
        except BaseException:
            _end(self.process)
            raise
        return Completed(code=self.process.returncode, stdout=stdout, stderr=stderr)

    def stop(self) -> None:
        """End the program: nobody wants to know any more."""
        if self.process.poll() is None:
            _end(self.process)


def begin(command: Sequence[str], *, cwd: Path, env: Mapping[str, str] | None = None) -> Running:
    """Start a program in a session of its own, and return it while it runs.

    Args:
        command: the program and its words; no shell reads them.
        cwd: the folder that it runs in.
        env: what is added to this process's environment.

    Raises:
        RefusedError: there is no such program.
    """
    try:
        process = subprocess.Popen(  # commands come from gonogo.toml or from adapters
            list(command),
            cwd=cwd,
            env={**os.environ, **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        message = f"{command[0]} cannot be run: {error.strerror or error}"
        raise RefusedError("program-missing", message, hint=f"install {command[0]}") from None
    return Running(tuple(command), process)


def run(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    stdin: str = "",
    timeout_s: float = 600.0,
) -> Completed:
    """Run a program to its end, in a session of its own, and return what it left.

    Args:
        command: the program and its words; no shell reads them.
        cwd: the folder that it runs in.
        stdin: what it reads.
        env: what is added to this process's environment.
        timeout_s: after this many seconds the program and its children are killed.

    Raises:
        RefusedError: there is no such program, or it did not end in time.
    """
    return begin(command, cwd=cwd, env=env).end(stdin, timeout_s=timeout_s)


def _end(process: subprocess.Popen[str]) -> None:
    """Ask the program and its children to end, then make them."""
    for sign, patience_s in ((signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=patience_s)
            return
