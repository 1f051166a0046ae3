"""The project's own Alembic, run on a scratch database by its own interpreter: what each revision sends.

What is imported here is little, and no driver: the interpreter is started before anything else is got ready.
"""

import hashlib
import json
import os
import re
import sys
import tempfile
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from configparser import ConfigParser, Error
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import urlsplit

from gonogo.adapters import processes
from gonogo.adapters.files import write_whole
from gonogo.errors import RefusedError
from gonogo.model import Chain, Manner, Migration, Statement

# Read and never imported: it brings Alembic, which is the project's own to bring.
_SCRIPT = Path(__file__).with_name("capture_script.py")
_BESIDE = tuple(_SCRIPT.with_name(f"capture_{part}.py") for part in ("configured", "extensions", "rendering"))
# Much is made there and little of it is garbage: looking for some would take a quarter of the time.
_START = """
import gc, sys, types
gc.set_threshold(100_000)
for name, text in {beside!r}.items():
    module = sys.modules["gonogo.adapters." + name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), module.__dict__)
exec(compile({script!r}, "capture_script", "exec"))
"""
# A revision that does not end is stopped long before, by the script itself.
_LONGEST_SECONDS = 1800.0
# Drivers by the schemes that name them; a project whose URL says nothing is tried with each.
SCHEMES = ("postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2")
_DATABASE = re.compile(r"\s*postgres(?:ql)?(?:\+\w+)?:", re.IGNORECASE)
# As `capture_configured` reads it.
_PROGRAM = "--program"
_NOT_OURS = {"node_modules", "venv", "env", "__pycache__", "site-packages"}
# What the toolkit tells every migration.
_LIMITS = {"MIGRATION_LOCK_TIMEOUT_MS": "2000", "MIGRATION_STATEMENT_TIMEOUT_MS": "60000"}
_WRONG_DRIVER = ("requires an async driver", "No module named 'psycopg", "No module named 'asyncpg'", "greenlet_spawn")


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Whose migrations are captured.

    Attributes:
        command: the project's Alembic, its interpreter filled in.
        root: the folder that it runs in.
        ini: Alembic's ini file, relative to it.
        environ: what env.py is told beside this process's environment.
        seconds: how long a revision may take.
    """

    command: Sequence[str]
    root: Path
    ini: str
    environ: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 60.0


def begin(source: Source, *, bytecode: Path | None = None) -> processes.Running:
    """Start a project's interpreter and let it import Alembic, while what it will be asked is got ready.

    Args:
        source: whose migrations.
        bytecode: a folder of ours for compiled modules, where this process is not to leave any beside the sources.

    Raises:
        RefusedError: there is no such interpreter.
    """
    interpreter, _ = split_command(source.command, source.root)
    kept = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(bytecode)}
    environ = {**(kept if bytecode and sys.flags.dont_write_bytecode else {}), **_told(source.environ)}
    return processes.begin((*interpreter, "-c", handed_over()), cwd=source.root, env=environ)


def handed_over() -> str:
    """Return the program that a project's interpreter runs, where nothing of ours is installed."""
    beside = {path.stem: path.read_text(encoding="utf-8") for path in _BESIDE}
    return _START.format(beside=beside, script=_SCRIPT.read_text(encoding="utf-8"))


def capture(  # noqa: PLR0913  # all but the first by name
    source: Source,
    *,
    scratch: str | None,
    drift: bool = False,
    memory: Path | None = None,
    begun: processes.Running | None = None,
    is_ours: bool = False,
    meanwhile: Callable[[], None] = lambda: None,
) -> Chain:
    """Return a project's history with what each revision sends.

    Args:
        source: whose migrations.
        scratch: an empty database that may be written to; without one, SQL is rendered and not run.
        drift: whether the models are compared with the schema that the history ends at.
        memory: a folder in which what a run said is kept until anything of the project changes; None keeps nothing.
        begun: the interpreter, where it was begun already.
        is_ours: whether the scratch server is nobody else's, so that roles may be made that it lacks.
        meanwhile: what is done while the interpreter works.

    Raises:
        RefusedError: the history cannot be read.
    """
    kept = remembered(memory, source, drift=drift) if memory and scratch else None
    if kept and kept.is_file() and (told := recalled(kept, source)):
        return told
    asked = {"scratch": scratch, "drift": drift, "roles": is_ours, "seconds": source.seconds}
    answer = _answer(source, asked, begun, meanwhile)
    if kept and not answer["problem"]:
        _keep(kept, answer)
    return _chain(answer, source)


def recalled(kept: Path, source: Source) -> Chain | None:
    """Return a history as an earlier run has told it; None where what was kept is damaged, and it is told anew."""
    with suppress(OSError, ValueError, LookupError, TypeError):
        return _chain(json.loads(kept.read_text(encoding="utf-8")), source)
    kept.unlink(missing_ok=True)
    return None


def _keep(kept: Path, answer: Mapping[str, Any]) -> None:
    """Keep an answer, and nothing that was kept before: it can only be older."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    for former in kept.parent.glob("*.json"):
        former.unlink(missing_ok=True)
    write_whole(kept, json.dumps(answer))


def _answer(
    source: Source, asked: Mapping[str, Any], begun: processes.Running | None, meanwhile: Callable[[], None]
) -> dict[str, Any]:
    """Return what a run says, with the driver that the project wants."""
    words, scratch, whose = split_command(source.command, source.root)[1], asked["scratch"], source.command[0]
    answer: dict[str, Any] = {}
    for scheme in schemes(source.root / source.ini, source.environ) if scratch else SCHEMES[:1]:
        led = led_to(scratch, scheme, source.environ) if scratch else {}
        request = {**asked, "words": words, "environ": led}
        answer, begun = _asked(begun or begin(source), request, meanwhile, where=whose), None
        if not is_wrong_driver(answer["problem"]):
            break
    if not answer["revisions"] and answer["problem"]:
        message = f"the migrations cannot be read: {answer['problem']}"
        raise RefusedError("history-unreadable", message, where=source.ini, hint=answer.get("hint", ""))
    return answer


def remembered(folder: Path, source: Source, *, drift: bool = False) -> Path:
    """Return where the answer of a run is kept, by everything of the project that it came from.

    A change of any of its Python files, of the ini file or of a lock file is another place, and so is another toolkit.
    """
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in (_SCRIPT, *_BESIDE)))
    told = (list(source.command), str(source.root), source.ini, sorted(source.environ.items()), drift)
    digest.update(repr(told).encode())
    for path in sorted(_of_project(source.root)):
        seen = path.stat()
        digest.update(f"{path}\0{seen.st_mtime_ns}\0{seen.st_size}\0".encode())
    return folder / f"{digest.hexdigest()[:32]}.json"


def revision_files(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and the text of each file that is likely to be a revision: by where Alembic puts them."""
    folder = root.resolve()
    for path in _of_project(folder):
        if path.suffix == ".py" and path.parent.name == "versions":
            yield str(path.relative_to(folder)), _text(path)


def _of_project(root: Path) -> Iterator[Path]:
    """Yield the files that a run may depend on; environments and hidden folders are left out."""
    for place, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_OURS]
        yield from (Path(place) / name for name in names if name.endswith((".py", ".ini", ".lock", ".sql", ".toml")))


def split_command(command: Sequence[str], root: Path) -> tuple[list[str], list[str]]:
    """Return the interpreter that a command for Alembic runs in, and Alembic's own words.

    A Python program that calls Alembic itself, as `flask db` does, is marked as one, before its words.

    Raises:
        RefusedError: it runs neither.
    """
    words = list(command)
    for index, word in enumerate(words):
        if word == "-m" and words[index + 1 : index + 2] == ["alembic"]:
            return words[:index], words[index + 2 :]
        if Path(word).name == "alembic":
            return ([*words[:index], "python"] if index else [_beside(word, root)]), words[index + 1 :]
    if re.match(r"(?:python|pypy)[\d.]*$", Path(words[0]).name) and words[1:]:
        return words[:1], [_PROGRAM, *words[1:]]
    if (program := _console_script(words[0], root)) is not None:
        return [_beside(str(program), root)], [_PROGRAM, str(program), *words[1:]]
    message = f"{' '.join(words)} does not run Alembic"
    raise RefusedError("no-alembic", message, where="commands.migrate", hint='write ["python", "-m", "alembic"]')


def _console_script(program: str, root: Path) -> Path | None:
    """Return where a program is that a Python package has installed; None where it is none."""
    found = next((each for each in (root / program, Path(which(program) or "/none")) if each.is_file()), None)
    if found is None:
        return None
    with found.open("rb") as file:
        line = file.readline(200)
    return found.absolute() if line.startswith(b"#!") and b"python" in line else None


def _beside(program: str, root: Path) -> str:
    """Return the interpreter that a program was installed with."""
    found = which(program) or str(root / program)
    python = Path(found).with_name("python")
    return str(python) if python.exists() else "python"


def schemes(path: Path, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the URL schemes to try, first the one that the project names.

    Args:
        path: Alembic's ini file; there may be none.
        environ: what env.py is told beside this process's environment.
    """
    ini = ConfigParser(interpolation=None)
    with suppress(Error, UnicodeDecodeError):
        ini.read(path, encoding="utf-8")
    known = ({**os.environ, **environ}.get("DATABASE_URL", ""), ini.get("alembic", "sqlalchemy.url", fallback=""))
    named = [scheme for url in known if (scheme := url.partition(":")[0]).startswith("postgres")]
    return tuple(dict.fromkeys([*(each.replace("postgres+", "postgresql+") for each in named), *SCHEMES]))


def is_wrong_driver(problem: str) -> bool:
    """Return whether a run failed because env.py was told of a driver that it does not use."""
    return any(sign in problem for sign in _WRONG_DRIVER)


def _told(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what env.py is told from the beginning."""
    return {**_LIMITS, **_without_libpq(environ)}


def led_to(database: str, scheme: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what leads env.py to a database of ours: its address, and libpq's own variables for whatever else.

    Args:
        database: its URL; every connection that SQLAlchemy opens is led to it anyway.
        scheme: the driver that env.py wants.
        environ: what env.py is told beside this process's environment.
    """
    parts = urlsplit(database)
    name = parts.path.lstrip("/")
    # Projects take URLs apart, and few of them know sockets: a host stands in it, which is never asked.
    url = f"{scheme}://{parts.username or 'postgres'}:scratch@localhost:5432/{name}"
    # Whatever else names a database, as the target's own: a revision may connect past SQLAlchemy.
    known = {**os.environ, **_without_libpq(environ)}
    others = {key: _by_its_own_driver(value, url) for key, value in known.items() if _DATABASE.match(value)}
    plain = {"PGHOST": "scratch.invalid", "PGDATABASE": name, "PGPASSWORD": "scratch"}
    return {**others, **plain, "DATABASE_URL": url, "GONOGO_SCRATCH_SQLALCHEMY_URL": url}


def _by_its_own_driver(value: str, url: str) -> str:
    """Return a URL with the scheme of another, where that names a driver."""
    own = value.strip().partition(":")[0]
    return f"{own}:{url.partition(':')[2]}" if "+" in own else url


def _without_libpq(environ: Mapping[str, str]) -> dict[str, str]:
    """Return variables without those that libpq reads by itself."""
    return {name: value for name, value in environ.items() if not name.startswith("PG")}


def _asked(
    running: processes.Running, asked: Mapping[str, Any], meanwhile: Callable[[], None], *, where: str
) -> dict[str, Any]:
    """Return what the script answers, run in the project's interpreter."""
    with tempfile.TemporaryDirectory(prefix="gonogo-capture-") as folder:
        path = Path(folder) / "answer.json"
        running.tell(json.dumps({**asked, "answer": str(path)}))
        try:
            meanwhile()
        except BaseException:
            running.stop()
            raise
        done = running.end(timeout_s=_LONGEST_SECONDS)
        if path.exists():
            answer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return answer
        under_way = Path(f"{path}.now")
        if under_way.exists() and (revision := under_way.read_text(encoding="utf-8")):
            message = f"{revision} ended the whole process (status {done.code}): {done.last_words}"
            hint = "a revision must not call os._exit, exec or kill; mend it"
            raise RefusedError("capture-failed", message, where=where, hint=hint)
    message = f"Alembic cannot be run: {done.last_words}"
    raise RefusedError("capture-failed", message, where=where, hint="set commands.migrate")


def _chain(answer: Mapping[str, Any], source: Source) -> Chain:
    """Return an answer as records."""
    problem = str(answer["problem"])
    notes = [f"the scratch server lacks {each}" for each in answer.get("lacking", ())]
    notes += [f"{_from_where(answer)} SQL was rendered, not captured: {problem}"] if problem else []
    if answer.get("unchecked"):
        notes.append(f"the models were not compared with the schema: {answer['unchecked']}")
    return Chain(
        migrations=tuple(_migration(each, source.root) for each in answer["revisions"]),
        heads=tuple(answer["heads"]),
        packages=own_packages(source.root, source.ini),
        drift=None if answer.get("drift") is None else tuple(answer["drift"]),
        notes=tuple(notes),
    )


def _from_where(answer: Mapping[str, Any]) -> str:
    """Return which revisions did not run; where none was even begun, it is env.py that does not."""
    if not any(each["manner"] == "captured" or each["problem"] == answer["problem"] for each in answer["revisions"]):
        return "env.py did not get to any revision: all"
    return f"from {next((str(each['id']) for each in answer['revisions'] if each['manner'] != 'captured'), 'none')} on"


def _migration(told: Mapping[str, Any], root: Path) -> Migration:
    """Return one revision."""
    path = Path(told["path"])
    is_inside = path.is_relative_to(root.resolve())
    return Migration(
        id=told["id"],
        path=str(path.relative_to(root.resolve()) if is_inside else path),
        source=_text(path),
        parents=tuple(told["parents"]),
        statements=tuple(
            Statement(sql=text, line=line, transaction=transaction) for text, line, transaction in told["statements"]
        ),
        manner=Manner(told["manner"]),
        problem=told["problem"],
        lock_timeout=told["lock_timeout"],
    )


def _text(path: Path) -> str:
    """Return a Python file as Python reads it: it may name another encoding than UTF-8."""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError):
        return path.read_text(encoding="utf-8", errors="replace")


def own_packages(root: Path, ini: str) -> frozenset[str]:
    """Return the top-level packages and modules that are the project's own, but the one that holds its migrations."""
    beside = (root / ini).parent
    places = {root, root / "src", *(() if (beside / "__init__.py").exists() else (beside,))}
    found = {
        path.stem
        for place in places
        if place.is_dir()
        for path in place.iterdir()
        if path.suffix == ".py" or (path.is_dir() and path.name.isidentifier() and _has_code(path))
    }
    return frozenset(found - {"migrations", "alembic", "versions", "tests", "setup", "conftest", "__init__"})


def _has_code(folder: Path) -> bool:
    return any(folder.glob("*.py")) or any(folder.glob("*/*.py"))
