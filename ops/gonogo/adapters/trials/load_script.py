"""The project's own load beside a trial: a program that is told where the copy is, and ended with the last revision."""

import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Script:
    """The program as it ran.

    Attributes:
        note: what is to be said of it; empty when it ran to the end.
    """

    note: str = ""


@contextmanager
def running(command: Sequence[str], *, cwd: Path, database: str) -> Iterator[Script]:
    """Run a program while migrations are watched; one that cannot be run, or ends on its own, is noted.

    Args:
        command: the program and its words; none runs nothing.
        cwd: the folder that it runs in.
        database: the copy's URL, which it finds as DATABASE_URL.
    """
    script = Script()
    if not command:
        yield script
        return
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                list(command),
                cwd=cwd,
                env={**kept, "DATABASE_URL": database},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            script.note = f"the load {command[0]} cannot be run: {error.strerror or error}"
            yield script
            return
        try:
            yield script
            if (code := process.poll()) is not None:
                said.seek(0)
                words = said.read().decode(errors="replace").strip().splitlines()
                ending = f": {words[-1]}" if words else ""
                script.note = f"the load {command[0]} ended with {code} before the migrations did{ending}"
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
