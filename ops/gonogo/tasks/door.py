"""What every task passes through: where the project is, how errors become words and exit codes."""

import json as codec
import logging
import os
import shlex
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from gonogo import redaction
from gonogo.errors import ExitCode, GonogoError, UsageError
from gonogo.tasks.console import Console

# Requests to end that are answered in order; one more ends the process at once.
_PATIENT = 2
# Values that are missing: whoever has set them gives the same command again.
_INCOMPLETE = "config-incomplete"
# What an error that ends a task before or outside a release means, in the words of a release's verdict.
_VERDICTS = {
    ExitCode.USAGE: "usage",
    ExitCode.NOTHING_TO_DO: "nothing_to_do",
    ExitCode.NO_GO: "no_go",
    ExitCode.LOCK_HELD: "lock_held",
    ExitCode.NEEDS_PERSON: "needs_person",
    ExitCode.UNREACHABLE: "unreachable",
    ExitCode.INTERRUPTED: "interrupted",
}


@contextmanager
def opened(*, json: bool = False) -> Iterator[Console]:
    """Yield the console; whatever goes wrong inside ends the process with words and the error's exit code."""
    console = Console(json_mode=json)
    stop = _Stop(console)
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    try:
        _refuse_help()
        yield console
    except GonogoError as error:
        if error.reference == _INCOMPLETE:
            error.hint = f"{error.hint}, then: {again()}"
        _tell(console, error, error.exit_code)
    except KeyboardInterrupt:
        interrupted = GonogoError("interrupted", "interrupted; nothing was left running by this command")
        _tell(console, interrupted, ExitCode.INTERRUPTED)
    except Exception as error:
        _keep_traceback()
        logging.getLogger("gonogo.tasks").exception("task.failed_unexpectedly")
        _tell(console, _unexpected(error), ExitCode.NEEDS_PERSON)


def _refuse_help() -> None:
    """Refuse a task whose first word is missing where help was asked for: invoke takes `--help` for that word.

    Raises:
        UsageError: it is meant for invoke itself.
    """
    words = sys.argv[1:]
    if asked := next((each for each in words if each in {"--help", "-h"}), ""):
        others = " ".join(each for each in words if each != asked and not each.startswith("-"))
        message = f"{asked} was taken for a value: nothing was done"
        raise UsageError("help-misplaced", message, hint=f"invoke --help {others.partition(' ')[0]}")


def _keep_traceback() -> None:
    """Write a traceback into the log that only engineers read, where nothing was set up to: nobody is shown one."""
    log = logging.getLogger("gonogo")
    if not log.handlers:
        log.addHandler(logging.NullHandler())
        with suppress(OSError, GonogoError):
            path = root() / ".gonogo" / "gonogo.log"
            path.parent.mkdir(exist_ok=True)
            path.touch(mode=0o600)
            with path.open("a", encoding="utf-8") as file:
                file.write(redaction.PROCESS.hidden(traceback.format_exc()))


def _tell(console: Console, error: GonogoError, code: int) -> NoReturn:
    """Show an error, to people and as the one JSON object, and end the process."""
    console.error(error)
    form = {name: getattr(error, name) for name in ("reference", "message", "where", "why", "hint")}
    console.document({"verdict": _VERDICTS.get(ExitCode(code), "failed"), "exit_code": int(code), "error": form})
    leave(code)


def leave(code: int) -> NoReturn:
    """End the process."""
    sys.exit(int(code))


def keep_bytecode() -> None:
    """Let Python keep what it compiles from here on in a folder of ours, where it may leave none beside the sources.

    For tasks that somebody waits for: without it, all that they import would be compiled each time.
    """
    if sys.flags.dont_write_bytecode and sys.pycache_prefix is None:
        sys.pycache_prefix = str(root() / ".gonogo" / "bytecode")
        sys.dont_write_bytecode = False


def root() -> Path:
    """Return the folder that holds gonogo.toml: this one or the nearest above it.

    Raises:
        UsageError: there is none.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "gonogo.toml").is_file():
            return folder
    message = f"neither {here.name} nor a folder above it holds gonogo.toml"
    raise UsageError("no-project", message, hint="change into the repository")


def demand_yes(console: Console, question: str, *, yes: bool) -> None:
    """Ask, unless it was said already.

    Raises:
        UsageError: nobody said yes.
    """
    if not yes and not console.confirm(question):
        raise UsageError("not-confirmed", "nothing was changed: nobody said yes", hint=again("--yes"))


def again(*more: str) -> str:
    """Return the command that was given, with its flags as they were and more of them."""
    return f"invoke {shlex.join([*sys.argv[1:], *more])}"


def number(text: str, flag: str) -> int:
    """Return a flag's whole number.

    Raises:
        UsageError: it is none.
    """
    if text.lstrip("-").isdecimal():
        return int(text)
    raise UsageError("not-a-number", f"--{flag} takes a whole number, not {text!r}")


def table(text: str, flag: str) -> dict[str, Any]:
    """Return a flag's JSON object.

    Raises:
        UsageError: it is none.
    """
    with suppress(ValueError):
        found = codec.loads(text)
        if isinstance(found, dict):
            return found
    raise UsageError("not-an-object", f"--{flag} takes a JSON object, not {text!r}")


def environ() -> dict[str, str]:
    """Return the process environment."""
    return dict(os.environ)


class _Stop:
    """What Ctrl-C and a request to end do: the first stops in order, so that the journal gets its entry.

    The second would only disturb that and is answered; the third ends the process as a kill would, which a release
    survives: its journal says where it stands, its lock ends by itself.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._asked = 0

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Take one more request to end."""
        del number, frame
        self._asked += 1
        if self._asked == 1:
            raise KeyboardInterrupt
        if self._asked > _PATIENT:
            os._exit(int(ExitCode.INTERRUPTED))
        self._console.line("stopping in order: writing down where it stands. Once more ends it at once")


def _unexpected(error: Exception) -> GonogoError:
    """Return a form for an error that nobody foresaw; its traceback is in the log file."""
    message = f"something that was not foreseen: {type(error).__name__}"
    hint = "read .gonogo/gonogo.log; if a release was running: invoke deploy.status"
    return GonogoError("unexpected", message, hint=hint)
