"""The project's own Alembic, run on a scratch database by its own interpreter: what each revision sends."""

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import urlsplit

import psycopg
from alembic.config import Config as AlembicConfig
from psycopg import sql

from gonogo.adapters import capture_script, processes
from gonogo.adapters.files import write_whole
from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import Chain, Manner, Migration, Statement

_LONGEST_SECONDS = 1800.0
# Drivers by the schemes that name them; a project whose URL says nothing is tried with each.
_SCHEMES = ("postgresql", "postgresql+asyncpg", "postgresql+psycopg", "postgresql+psycopg2")
_NOT_OURS = {"node_modules", "venv", "env", "__pycache__", "site-packages"}
# What the toolkit tells every migration.
_LIMITS = {"MIGRATION_LOCK_TIMEOUT_MS": "2000", "MIGRATION_STATEMENT_TIMEOUT_MS": "60000"}
_WRONG_DRIVER = ("requires an async driver", "No module named 'psycopg", "No module named 'asyncpg'", "greenlet_spawn")


def capture(  # noqa: PLR0913  # all of it is needed, and all but the first by name
    command: Sequence[str],
    *,
    root: Path,
    ini: str,
    scratch: str | None,
    environ: Mapping[str, str],
    drift: bool = False,
    memory: Path | None = None,
) -> Chain:
    """Return a project's history with what each revision sends.

    Args:
        command: the project's Alembic, its interpreter filled in.
        root: the folder that it runs in.
        ini: Alembic's ini file, relative to it.
        scratch: an empty database that may be written to; without one, SQL is rendered and not run.
        environ: what env.py is told beside this process's environment.
        drift: whether the models are compared with the schema that the history ends at.
        memory: a folder in which what a run said is kept until anything of the project changes; None keeps nothing.

    Raises:
        RefusedError: the history cannot be read.
    """
    kept = (
        remembered(memory, command, root=root, ini=ini, environ=environ) if memory and scratch and not drift else None
    )
    if kept and kept.is_file():
        return _chain(json.loads(kept.read_text(encoding="utf-8")), root, ini)
    answer = _answer(command, root=root, ini=ini, scratch=scratch, environ=environ, drift=drift)
    if kept and not answer["problem"]:
        _keep(kept, answer)
    return _chain(answer, root, ini)


def _keep(kept: Path, answer: Mapping[str, Any]) -> None:
    """Keep an answer, and nothing that was kept before: it can only be older."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    for former in kept.parent.glob("*.json"):
        former.unlink(missing_ok=True)
    write_whole(kept, json.dumps(answer))


def _answer(  # as above
    command: Sequence[str], *, root: Path, ini: str, scratch: str | None, environ: Mapping[str, str], drift: bool
) -> dict[str, Any]:
    """Return what a run says, with the driver that the project wants."""
    interpreter, words = split_command(command, root)
    answer: dict[str, Any] = {}
    for scheme in _schemes(root, ini, environ) if scratch else _SCHEMES[:1]:
        request = {"words": words, "scratch": scratch, "drift": drift}
        answer = _asked(interpreter, request, root=root, environ=_environ(environ, scratch, scheme))
        if not any(sign in answer["problem"] for sign in _WRONG_DRIVER):
            break
    if not answer["revisions"] and answer["problem"]:
        raise RefusedError("history-unreadable", f"the migrations cannot be read: {answer['problem']}", where=ini)
    return answer


def remembered(folder: Path, command: Sequence[str], *, root: Path, ini: str, environ: Mapping[str, str]) -> Path:
    """Return where the answer of a run is kept, by everything of the project that it came from.

    A change of any of its Python files, of the ini file or of a lock file is another place, and so is another toolkit.
    """
    digest = hashlib.sha256(Path(capture_script.__file__).read_bytes())
    digest.update(repr((list(command), str(root), ini, sorted(environ.items()))).encode())
    for path in sorted(_of_project(root)):
        seen = path.stat()
        digest.update(f"{path}\0{seen.st_mtime_ns}\0{seen.st_size}\0".encode())
    return folder / f"{digest.hexdigest()[:32]}.json"


def _of_project(root: Path) -> Iterator[Path]:
    """Yield the files that a run may depend on; environments and hidden folders are left out."""
    for place, folders, names in os.walk(root):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NOT_OURS]
        yield from (Path(place) / name for name in names if name.endswith((".py", ".ini", ".lock", ".sql", ".toml")))


def split_command(command: Sequence[str], root: Path) -> tuple[list[str], list[str]]:
    """Return the interpreter that a command for Alembic runs in, and Alembic's own words."""
    words = list(command)
    for index, word in enumerate(words):
        if word == "-m" and words[index + 1 : index + 2] == ["alembic"]:
            return words[:index], words[index + 2 :]
        if Path(word).name == "alembic":
            return ([*words[:index], "python"] if index else [_beside(word, root)]), words[index + 1 :]
    message = f"{' '.join(words)} does not run Alembic"
    raise RefusedError("no-alembic", message, where="commands.migrate", hint='write ["python", "-m", "alembic"]')


def _beside(program: str, root: Path) -> str:
    """Return the interpreter that a program was installed with."""
    found = which(program) or str(root / program)
    python = Path(found).with_name("python")
    return str(python) if python.exists() else "python"


def _schemes(root: Path, ini: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return the URL schemes to try, first the one that the project names."""
    known = [{**os.environ, **environ}.get("DATABASE_URL", "")]
    path = root / ini
    if path.is_file():
        known.append(AlembicConfig(str(path)).file_config.get("alembic", "sqlalchemy.url", raw=True, fallback=""))
    named = [scheme for url in known if (scheme := urlsplit(url).scheme).startswith("postgres")]
    return tuple(dict.fromkeys([*(each.replace("postgres+", "postgresql+") for each in named), *_SCHEMES]))


def _environ(environ: Mapping[str, str], scratch: str | None, scheme: str) -> dict[str, str]:
    """Return what env.py is told; whatever it opens by libpq's own variables leads to the scratch server, too."""
    told = {**_LIMITS, **{name: value for name, value in environ.items() if not name.startswith("PG")}}
    if scratch is None:
        return told
    parts = urlsplit(scratch)
    # Projects take URLs apart, and few of them know sockets: a host stands in it, which is never asked.
    url = f"{scheme}://{parts.username or 'postgres'}:scratch@localhost:5432/{parts.path.lstrip('/')}"
    plain = {"PGHOST": "scratch.invalid", "PGDATABASE": parts.path.lstrip("/"), "PGPASSWORD": "scratch"}
    return {**told, **plain, "DATABASE_URL": url, "GONOGO_SCRATCH_SQLALCHEMY_URL": url}


def _asked(
    interpreter: Sequence[str], asked: Mapping[str, Any], *, root: Path, environ: Mapping[str, str]
) -> dict[str, Any]:
    """Return what the script answers, run in the project's interpreter."""
    source = Path(capture_script.__file__).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory(prefix="gonogo-capture-") as folder:
        path = Path(folder) / "answer.json"
        request = {**asked, "answer": str(path)}
        done = processes.run(
            (*interpreter, "-c", source), cwd=root, env=environ, stdin=json.dumps(request), timeout_s=_LONGEST_SECONDS
        )
        if not path.exists():
            message = f"Alembic cannot be run: {done.last_words}"
            raise RefusedError("capture-failed", message, where=interpreter[0], hint="set commands.migrate")
        answer: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return answer


def _chain(answer: Mapping[str, Any], root: Path, ini: str) -> Chain:
    """Return an answer as records."""
    problem = str(answer["problem"])
    notes = [f"from {_first_rendered(answer)} on SQL was rendered, not captured: {problem}"] if problem else []
    if answer.get("unchecked"):
        notes.append(f"the models were not compared with the schema: {answer['unchecked']}")
    return Chain(
        migrations=tuple(_migration(each, root) for each in answer["revisions"]),
        heads=tuple(answer["heads"]),
        packages=own_packages(root, ini),
        drift=None if answer.get("drift") is None else tuple(answer["drift"]),
        notes=tuple(notes),
    )


def _first_rendered(answer: Mapping[str, Any]) -> str:
    return next((str(each["id"]) for each in answer["revisions"] if each["manner"] != "captured"), "none")


def _migration(told: Mapping[str, Any], root: Path) -> Migration:
    """Return one revision."""
    path = Path(told["path"])
    is_inside = path.resolve().is_relative_to(root.resolve())
    return Migration(
        id=told["id"],
        path=str(path.resolve().relative_to(root.resolve()) if is_inside else path),
        source=path.read_text(encoding="utf-8"),
        parents=tuple(told["parents"]),
        statements=tuple(
            Statement(sql=text, line=line, transaction=transaction) for text, line, transaction in told["statements"]
        ),
        manner=Manner(told["manner"]),
        problem=told["problem"],
        lock_timeout=told["lock_timeout"],
    )


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


@contextmanager
def scratch_database(server: str) -> Iterator[str]:
    """Yield an empty database of a server, gone at the end.

    Raises:
        UnreachableError: the server does not answer.
    """
    name = f"gonogo_lint_{os.getpid()}_{os.urandom(3).hex()}"
    try:
        connection = psycopg.connect(server, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError:
        where = urlsplit(server).hostname or "the scratch server"
        raise UnreachableError("scratch-unreachable", "the scratch server does not answer", where=where) from None
    with connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
