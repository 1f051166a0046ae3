"""Runs in the project's own interpreter, with nothing of ours: what each revision sends in a real run.

Handed to `python -c` as text, so it imports only what Alembic brings. Every connection that the project's env.py opens
through SQLAlchemy is led to the scratch database, whatever URL it knows. Revisions that cannot be run are rendered.
What it is asked comes over standard input, after it has imported what it needs.
"""

import json
import os
import re
import signal
import sys
import traceback
from contextlib import suppress
from functools import partial
from types import FrameType
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import alembic
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import HeadMaintainer, RevisionStep
from alembic.script import Script, ScriptDirectory
from alembic.util import exc
from sqlalchemy import bindparam, event
from sqlalchemy.engine import Engine

from gonogo.adapters.capture_configured import configured, forget, is_program, led, reach  # noqa: F401  # lent to others
from gonogo.adapters.capture_extensions import replaced
from gonogo.adapters.capture_rendering import LIMIT, TooLongError, plain, render, words


class Recorder:
    """What was sent, by revision."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.found: dict[str, dict[str, Any]] = {}
        self.current: dict[str, Any] | None = None
        self.path = ""
        self.under_way = -1
        self.transaction = 0
        self.is_muted = False
        self.timed: Any = None
        self.has_timeout: bool | None = None
        self.lacking: set[str] = set()
        self.makes_roles = False

    def begin(self, revision: str, path: str) -> None:
        """Note that a revision's upgrade starts."""
        self.current = {"statements": [], "lock_timeout": None}
        self.found[revision] = self.current
        self.path = path
        self.transaction = 0
        # For whoever asked, should the process not live to tell.
        os.ftruncate(self.under_way, 0)
        os.pwrite(self.under_way, revision.encode(), 0)
        LIMIT.begin()

    def end(self) -> None:
        """Note that it is over."""
        LIMIT.end()
        self.current = None

    def note(self, sql: str, *, alone: bool) -> None:
        """Note one statement."""
        if self.current is not None and not self.is_muted:
            transaction = None if alone else self.transaction
            self.current["statements"].append([sql, self._line(), transaction])

    def _line(self) -> int:
        """Return the line of the revision that is running."""
        frame: FrameType | None = sys._getframe(2)
        line = 0
        while frame is not None:
            if frame.f_code.co_filename == self.path:
                line = frame.f_lineno
                if frame.f_code.co_name != "<module>":
                    return line
            frame = frame.f_back
        return line


RECORDER = Recorder()


def listen(scratch: str) -> None:
    """Lead every connection to the scratch database, and note what is sent."""
    parts = urlsplit(scratch)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    host, user = query.get("host") or parts.hostname or "", parts.username or "postgres"
    place: dict[str, Any] = {"host": host, "user": unquote(user)}
    if parts.port:
        place["port"] = parts.port
    if parts.password:
        place["password"] = unquote(parts.password)
    name = parts.path.lstrip("/")

    def connect(dialect: Any, record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        if dialect.name != "postgresql":
            message = f"env.py connects to {dialect.name}, not to PostgreSQL: tell it of one in [lint.environment]"
            raise RuntimeError(message)
        kept = {key: value for key, value in options.items() if key in _KEPT}
        options.clear()
        arguments.clear()
        options.update(kept, **place)
        options["database" if dialect.driver in {"asyncpg", "pg8000"} else "dbname"] = name

    event.listen(Engine, "do_connect", connect)
    event.listen(Engine, "before_cursor_execute", _executing, retval=True)
    event.listen(Engine, "commit", _ended)
    event.listen(Engine, "rollback", _ended)


_KEPT = {
    "options", "server_settings", "application_name", "timeout", "command_timeout", "connect_timeout",
    "prepared_statement_cache_size", "statement_cache_size", "async_fallback", "autocommit", "prepare_threshold",
}  # fmt: skip


def _executing(
    connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, executemany: bool
) -> tuple[str, Any]:
    """Note a statement, and make up for what a scratch server lacks and production has."""
    sent = statement
    raw = getattr(connection.connection, "dbapi_connection", None)
    compiled = getattr(context, "compiled", None)
    if compiled is not None and not parameters:
        statement = plain(statement, compiled.dialect)
    if RECORDER.is_muted:
        return sent, parameters
    RECORDER.note(statement, alone=bool(getattr(raw, "autocommit", False)))
    if (instead := replaced(sent, partial(_asked, connection), RECORDER.lacking)) != sent:
        return instead, parameters
    if RECORDER.current is not None and RECORDER.makes_roles and _ABOUT_ROLES.match(statement):
        _make_roles(connection, statement)
    return sent, parameters


_GAP = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_ABOUT_ROLES = re.compile(
    rf"{_GAP}(?:grant|revoke|set\s+(?:local\s+|session\s+)?role|alter|create\s+(?:policy|schema|user\s+mapping))\b",
    re.IGNORECASE | re.DOTALL,
)
# A revoke says FROM; a policy's or a grant's list may be long.
_ROLES = re.compile(
    r"\b(?:owner\s+to|for\s+role|authorization|set\s+(?:local\s+|session\s+)?role|to|from)\s+(?:group\s+)?"
    r'((?:"[^"]+"|[a-z_][\w$]*)(?:\s*,\s*(?:"[^"]+"|[a-z_][\w$]*))*)',
    re.IGNORECASE,
)
_GRANTEES = re.compile(
    r"\s*(?:grant|revoke|set|create)|.*\bowner\s+to\b|.*\b(?:for\s+role|default\s+privileges)\b",
    re.IGNORECASE | re.DOTALL,
)
_NO_ROLES = {"public", "current_user", "session_user", "current_role", "none", "default", "postgres"}


def _make_roles(connection: Any, statement: str) -> None:
    """Make the roles that a statement names and the scratch server does not have."""
    if not _GRANTEES.match(statement):
        return
    known = {name for (name,) in _asked(connection, "SELECT rolname FROM pg_roles")} | _NO_ROLES
    for found in _ROLES.finditer(statement):
        for name in (each.strip() for each in found[1].split(",")):
            role = name.strip('"') if name.startswith('"') else name.lower()
            if role not in known:
                _asked(connection, f'CREATE ROLE "{role}"')
                known.add(role)
                RECORDER.lacking.add(f"the role {role}, which was made for the run")


def _asked(connection: Any, sql: str) -> list[Any]:
    """Return the rows of a question of ours, which is no statement of a revision."""
    RECORDER.is_muted = True
    try:
        rows = connection.exec_driver_sql(sql)
        return list(rows) if rows.returns_rows else []
    finally:
        RECORDER.is_muted = False


def _ended(connection: Any) -> None:
    RECORDER.transaction += 1


def watch() -> None:
    """Let every step of Alembic say which revision it is."""
    plain = RevisionStep.__init__

    def made(self: Any, *arguments: Any, **options: Any) -> None:
        plain(self, *arguments, **options)
        revision = self.revision
        upgrade = self.migration_fn

        def watched(**more: Any) -> None:
            RECORDER.begin(revision.revision, str(revision.module.__file__))
            _ask_timeout()
            upgrade(**more)
            RECORDER.end()

        self.migration_fn = watched

    RevisionStep.__init__ = made  # type: ignore[method-assign]
    HeadMaintainer._update_version = _moved  # type: ignore[method-assign]


def _moved(self: HeadMaintainer, from_: str, to_: str) -> None:
    """Note a revision as applied, as Alembic does, with a statement that is put into words once for all of them."""
    self.heads.remove(from_)
    self.heads.add(to_)
    table = self.context._version
    update = table.update().values(version_num=bindparam("to_")).where(table.c.version_num == bindparam("from_"))
    connection = self.context.connection
    if connection is not None and connection.execute(update, {"from_": from_, "to_": to_}).rowcount == 0:
        message = f"the row of {from_} is gone from {table.name}"
        raise RuntimeError(message)


def _ask_timeout() -> None:
    """Note whether the session waits for locks without an end; asked once for each connection."""
    bind = op.get_bind()
    if RECORDER.timed is not bind:
        RECORDER.timed, RECORDER.is_muted = bind, True
        with suppress(Exception):
            RECORDER.has_timeout = bind.exec_driver_sql("SHOW lock_timeout").scalar() != "0"
        RECORDER.is_muted = False
    if RECORDER.current is not None:
        RECORDER.current["lock_timeout"] = RECORDER.has_timeout


def share(scripts: ScriptDirectory) -> None:
    """Let Alembic use the revisions that were read already: reading them is most of what it does."""
    ScriptDirectory.from_config = classmethod(lambda cls, config: scripts)  # type: ignore[assignment,method-assign]


def run(config: Config) -> str:
    """Migrate the scratch database with the project's own env.py, and return why it stopped; empty at the end."""
    try:
        command.upgrade(config, "heads")
    except (Exception, SystemExit, TooLongError) as error:  # env.py may raise anything
        return _cause(error)
    finally:
        LIMIT.end()
    return ""


def compare(config: Config) -> tuple[list[str] | None, str]:
    """Return what the models say and the migrated schema does not; None and why, where there is nothing to compare."""
    if not hasattr(command, "check"):
        return None, f"Alembic {alembic.__version__} cannot; 1.9 and newer can"
    try:
        command.check(config)
    except exc.AutogenerateDiffsDetected as found:
        diffs: list[Any] = found.diffs
        flat = [each for part in diffs for each in (part if isinstance(part, list) else [part])]
        return [" ".join(str(word) for word in each) for each in flat], ""
    except (Exception, SystemExit) as error:  # env.py may raise anything
        return None, _cause(error)
    return [], ""


def first(error: BaseException) -> BaseException:
    """Return the first cause of an error: env.py may have turned it into an exit, or into words of its own.

    The database's words are the best, and what the environment lacks. What was merely being handled when an error came
    up is no cause, but of an exit: a fallback has failed then, and not what it falls back from.
    """
    chain = [error]
    while (further := chain[-1].__cause__ or chain[-1].__context__) and further not in chain:
        chain.append(further)
    if known := next((each for each in chain if getattr(each, "orig", None) or unset(each)), None):
        return known
    while further := error.__cause__ or (error.__context__ if isinstance(error, SystemExit) else None):
        error = further
    return error


def unset(error: BaseException) -> str:
    """Return what env.py wants of its environment and does not get, in words; empty when that is not it.

    Settings classes quote what they were given: none of that is told.
    """
    found: list[str] = []
    if isinstance(error, KeyError) and error.args and isinstance(error.args[0], bytes):  # as os.environ raises it
        found = [error.args[0].decode(errors="replace")]
    elif type(error).__name__ == "ValidationError" and callable(told := getattr(error, "errors", None)):
        places = (".".join(str(part) for part in each["loc"]) for each in told() if each["type"] == "missing")
        found = [place.upper() for place in places if place]
    where = f"export {'them' if found[1:] else 'it'}, or set [lint.environment] in gonogo.toml"
    return f"it wants {', '.join(found)} in its environment: {where}" if found else ""


def _cause(error: BaseException) -> str:
    """Return the first cause of an error in words."""
    error = first(error)
    wants = unset(error)
    return f"env.py does not run: {wants}" if wants else words(error)


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return every revision with what it sends."""
    os.environ.update(request.get("environ", {}))
    signal.signal(signal.SIGALRM, LIMIT.passed)
    LIMIT.seconds = float(request.get("seconds", 0))
    RECORDER.makes_roles = bool(request.get("roles"))
    RECORDER.under_way = os.open(f"{request['answer']}.now", os.O_WRONLY | os.O_CREAT, 0o600)
    if request["scratch"]:
        listen(request["scratch"])
    told: dict[str, Any] = reach(request["words"], partial(_answered, request))
    return told


def _answered(request: dict[str, Any], config: Config) -> dict[str, Any]:
    """Return every revision of a configuration with what it sends."""
    scripts = ScriptDirectory.from_config(config)
    share(scripts)
    answer: dict[str, Any] = {"problem": "", "heads": list(scripts.get_heads())}
    ordered = list(reversed(list(scripts.walk_revisions())))
    # Now: a revision may change the folder.
    paths = {script: os.path.realpath(script.path) for script in ordered}
    if request["scratch"]:
        watch()
        answer["problem"] = run(config)
        answer["lacking"] = sorted(RECORDER.lacking)
        if request["drift"] and not answer["problem"]:
            answer["drift"], answer["unchecked"] = compare(config)
    return {**answer, "revisions": [_told(script, paths[script], answer["problem"]) for script in ordered]}


def _told(script: Script, path: str, problem: str) -> dict[str, Any]:
    """Return one revision with its statements, captured or rendered."""
    found = RECORDER.found.get(script.revision)
    parents = [*script._all_down_revisions] if hasattr(script, "_all_down_revisions") else []
    told: dict[str, Any] = {"id": script.revision, "path": path, "parents": parents, "problem": ""}
    is_broken = found is not None and found is RECORDER.current
    if found is None or is_broken:
        statements, why_not = render(script.module)
        told |= {
            "manner": "rendered",
            "statements": statements,
            "lock_timeout": None,
            "problem": problem if is_broken else "",
        }
        if why_not:
            told |= {"manner": "unknown" if not statements else "rendered", "problem": told["problem"] or why_not}
        if found is not None and len(found["statements"]) > len(statements):
            told["statements"] = found["statements"]
        return told
    return {**told, "manner": "captured", **found}


if __name__ == "__main__":
    asked, process = json.loads(sys.stdin.read()), os.getpid()
    try:
        said = main(asked)
    except BaseException as failure:  # told to whoever asked, in words
        said = {"problem": words(failure), "revisions": [], "heads": [], "trace": traceback.format_exc()}
    # A revision may have forked: its copy has nothing to tell.
    if os.getpid() == process:
        with open(f"{asked['answer']}.new", "w", encoding="utf-8") as file:  # noqa: PTH123
            json.dump(said, file)
        os.rename(f"{asked['answer']}.new", asked["answer"])  # noqa: PTH104
    sys.stdout.flush()
    # What a revision has left running is not waited for.
    os._exit(0)
