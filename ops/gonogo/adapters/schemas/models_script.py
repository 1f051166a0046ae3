"""Runs in the project's own interpreter, with nothing of ours: what its models expect of the schema.

Handed to `python -c` as text. env.py is run until it names its models, first offline, since that needs no database;
no migration is run, and every connection that it opens is led to the database that it is given.
"""

import json
import sys
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from alembic.config import CommandLine, Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy import event
from sqlalchemy.engine import Engine


class Found(BaseException):
    """Ends env.py where it names its models; a base exception, so that no handler of its own takes it."""

    def __init__(self, metadata: Any) -> None:
        super().__init__("found")
        self.metadata = metadata


class _Line(CommandLine):
    """Alembic's own command line, which reads its words and runs nothing."""

    config: Config

    def run_cmd(self, config: Config, options: Any) -> None:
        """Keep what was read."""
        del options
        self.config = config


def configured(words: list[str]) -> Config:
    """Return the project's configuration, as Alembic's own command line would."""
    line = _Line(prog="alembic")
    line.main(argv=[*words, "upgrade", "heads"])
    return line.config


def lead(database: str) -> None:
    """Lead every connection to the database."""
    parts = urlsplit(database)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    place: dict[str, Any] = {
        "host": query.get("host") or parts.hostname or "",
        "user": unquote(parts.username or "postgres"),
    }
    if parts.port:
        place["port"] = parts.port
    if parts.password:
        place["password"] = unquote(parts.password)

    def connect(dialect: Any, record: Any, arguments: list[Any], options: dict[str, Any]) -> None:
        options.clear()
        arguments.clear()
        options.update(place)
        options["database" if dialect.driver in {"asyncpg", "pg8000"} else "dbname"] = parts.path.lstrip("/")

    event.listen(Engine, "do_connect", connect)


def metadata_of(config: Config, *, offline: bool) -> list[Any]:
    """Return the models that env.py names."""
    scripts = ScriptDirectory.from_config(config)
    plain = EnvironmentContext.configure

    def configure(self: Any, *arguments: Any, **options: Any) -> None:
        raise Found(options.get("target_metadata"))

    EnvironmentContext.configure = configure  # type: ignore[method-assign]
    try:
        with EnvironmentContext(config, scripts, fn=lambda *_: [], as_sql=offline, destination_rev="heads"):
            scripts.run_env()
    except Found as found:
        named = found.metadata
        return [each for each in (named if isinstance(named, (list, tuple)) else [named]) if each is not None]
    finally:
        EnvironmentContext.configure = plain  # type: ignore[method-assign]
    return []


def described(metadata: Any) -> dict[str, dict[str, dict[str, bool]]]:
    """Return the columns of each table, by name."""
    return {
        _name(table): {column.name: _column(column) for column in table.columns} for table in metadata.tables.values()
    }


def _name(table: Any) -> str:
    return table.name if table.schema in {None, "public"} else f"{table.schema}.{table.name}"


def _column(column: Any) -> dict[str, bool]:
    return {"nullable": bool(column.nullable), "fills_itself": column.default is not None}


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Return the tables of every model."""
    config = configured(request["words"])
    lead(request["database"])
    problem = ""
    for offline in (True, False):
        try:
            found = metadata_of(config, offline=offline)
        except (Exception, SystemExit) as error:  # env.py may raise anything
            problem = f"{type(error).__name__}: {error}".splitlines()[0][:300]
            continue
        tables: dict[str, Any] = {}
        for each in found:
            tables |= described(each)
        return {"tables": tables, "problem": "" if tables else "env.py names no models"}
    return {"tables": {}, "problem": problem}


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    try:
        said = main(asked)
    except BaseException as failure:  # told to whoever asked, in words
        said = {"tables": {}, "problem": f"{type(failure).__name__}: {failure}".splitlines()[0][:300]}
    with open(asked["answer"], "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump(said, file)
