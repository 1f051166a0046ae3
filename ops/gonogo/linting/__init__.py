"""Migrations looked at before they run: captured on a scratch server, read by our rules and by squawk.

Importing this package brings little: what was found before is shown at once; else the project's interpreter is begun
first, and imports while `judging` does.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import gonogo
from gonogo import adoption
from gonogo.adapters import capturing
from gonogo.adapters.files import write_whole
from gonogo.adapters.processes import Running
from gonogo.model import Linted, LintFinding, MigrationSetup, Severity

__all__ = ["Asked", "Running", "Server", "begun", "interpreter", "keep", "migration_setup", "recalled", "source"]
# What judges: when any of it changes, what was found before counts no more.
_JUDGES = ("lint", "linting", "adapters", "model")


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is looked at.

    Attributes:
        done: revisions that were applied somewhere, which are not looked at again, nor those before them.
        only: the one revision to look at; empty for all that are not done.
        drift: whether the models are compared with the migrated schema, too.
    """

    done: frozenset[str] = frozenset()
    only: str = ""
    drift: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """A scratch server.

    Attributes:
        url: any database of it.
        is_ours: whether nobody else uses it.
    """

    url: str
    is_ours: bool = False


def migration_setup(root: Path, environ: dict[str, str], environment: str = "") -> MigrationSetup:
    """Return how a project's migrations are run.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: values are missing or wrong, all of them at once.
    """
    return adoption.load(root, environ, environment)


def interpreter(setup: MigrationSetup) -> Path:
    """Return the interpreter of the project's `.venv`, else the one that runs us."""
    own = setup.root / ".venv" / "bin" / "python"
    return own if own.exists() else Path(sys.executable)


def source(setup: MigrationSetup, *, python: Path | None = None) -> capturing.Source:
    """Return whose migrations are captured, with the interpreter that they run in.

    Args:
        setup: how they are run.
        python: the interpreter; that of `.venv` unless told, else the one that runs us.
    """
    found = python or interpreter(setup)
    command = tuple(word.format(python=found) for word in setup.command)
    return capturing.Source(
        command=command, root=setup.root, ini=setup.ini, environ=setup.environ, seconds=setup.seconds
    )


@contextmanager
def begun(setup: MigrationSetup, *, drift: bool = False) -> Iterator[Running | None]:
    """Yield the project's interpreter, started and gone at the end; None where nothing has to be run.

    Args:
        setup: how its migrations are run.
        drift: whether the models will be compared with the schema.

    Raises:
        RefusedError: there is no such interpreter.
    """
    whose = source(setup)
    if capturing.remembered(_captures(setup), whose, drift=drift).is_file():
        yield None
        return
    running = capturing.begin(whose, bytecode=setup.state / "lint" / "bytecode")
    try:
        yield running
    finally:
        running.stop()


def recalled(setup: MigrationSetup, asked: Asked) -> Linted | None:
    """Return what was found when the same was asked today, if nothing has changed since; else None.

    Args:
        setup: how the project's migrations are run.
        asked: what is looked at.
    """
    path = _found(setup, asked)
    if not path.is_file():
        return None
    with suppress(OSError, ValueError, LookupError, TypeError):  # damaged: it is looked for anew
        told = json.loads(path.read_text(encoding="utf-8"))
        findings = [LintFinding(**{**each, "severity": Severity(each["severity"])}) for each in told["findings"]]
        return Linted(
            revisions=tuple(told["revisions"]),
            rendered=tuple(told["rendered"]),
            findings=tuple(findings),
            notes=tuple(told["notes"]),
        )
    return None


def keep(setup: MigrationSetup, asked: Asked, linted: Linted) -> None:
    """Keep what was found, where the history was captured as a whole; what was kept before today is removed.

    Args:
        setup: how the project's migrations are run.
        asked: what was looked at.
        linted: what was found.
    """
    if not capturing.remembered(_captures(setup), source(setup), drift=asked.drift).is_file():
        return
    path = _found(setup, asked)
    path.parent.mkdir(parents=True, exist_ok=True)
    for former in path.parent.glob("*.json"):
        if not former.name.startswith(path.name.partition("-")[0]):
            former.unlink(missing_ok=True)
    write_whole(path, json.dumps(asdict(linted)))


def _captures(setup: MigrationSetup) -> Path:
    return setup.state / "lint" / "captures"


def _found(setup: MigrationSetup, asked: Asked) -> Path:
    """Return where findings are kept: by the history, by what judges it, by the day that waivers end by."""
    today = datetime.now(UTC).date().isoformat()
    digest = hashlib.sha256(capturing.remembered(_captures(setup), source(setup), drift=asked.drift).name.encode())
    home = Path(gonogo.__file__).parent
    for path in sorted(each for judge in _JUDGES for each in _modules(home / judge)):
        seen = path.stat()
        digest.update(f"{path}\0{seen.st_mtime_ns}\0{seen.st_size}\0".encode())
    digest.update(repr((sorted(asked.done), asked.only, asked.drift)).encode())
    return setup.state / "lint" / "findings" / f"{today.replace('-', '')}-{digest.hexdigest()[:32]}.json"


def _modules(folder: Path) -> Iterable[Path]:
    """Return a room's modules, those of its rooms included."""
    return (*folder.glob("*.py"), *folder.glob("*/*.py"))
