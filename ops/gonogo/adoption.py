"""Read what linting and trying need of gonogo.toml: a project that has only migrations needs no more in it.

May not talk to anything outside beyond the files that it is given. What else is in the file is not looked at.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from gonogo import limits, reach
from gonogo.errors import ConfigurationError, UsageError
from gonogo.model import MigrationSetup, Secret

_FILE = "gonogo.toml"
_COMMAND = ("{python}", "-m", "alembic")
_INI = "alembic.ini"
_SECONDS = 60.0


def load(root: Path, environ: Mapping[str, str], environment: str = "") -> MigrationSetup:
    """Return how a project's migrations are run; with an environment, where its database is.

    Args:
        root: the folder that holds gonogo.toml.
        environ: the process environment, or what a local stack says of itself.
        environment: a name under [environments]; empty for none.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: the file cannot be read, or values are missing or wrong; all of them at once.
    """
    document = _read(root / _FILE)
    problems: list[str] = []
    commands, lint = _table(document, "commands", problems), _table(document, "lint", problems)
    artifact = _table(document, "artifact", problems)
    problems += [
        f"lint.{key} is not a key of {_FILE}; known are environment and seconds"
        for key in sorted({*lint} - {"environment", "seconds"})
    ]
    ini = str(commands.get("migrations", _INI))
    # Alembic finds its configuration in pyproject.toml by itself, where there is no ini file.
    command = commands.get("migrate", [*_COMMAND, "-c", ini] if (root / ini).is_file() else [*_COMMAND])
    if not isinstance(command, list) or not all(isinstance(word, str) for word in command) or not command:
        problems.append(f"commands.migrate must be a list of texts: set it in {_FILE}")
    if not (root / ini).is_file() and not (root / "pyproject.toml").is_file():
        problems.append(f"there is no {ini}: set commands.migrations in {_FILE} to Alembic's ini file")
    target = _environment(document, environment) if environment else {}
    values = {**_env_file(root, target), **environ}
    setup = MigrationSetup(
        root=root,
        state=root / str(_table(document, "project", problems).get("state", ".gonogo")),
        command=tuple(str(word) for word in command),
        ini=ini,
        environ={name: str(value) for name, value in _table(lint, "environment", problems).items()},
        seconds=_seconds(lint, problems),
        install=_words(artifact.get("environment")),
        key_files=_words(artifact.get("key_files")),
        database=_url(target, "database_url", values, problems),
        scratch=_url(target, "scratch_url", values, []),
        shadow=_shadow(target, values, problems),
        limits=limits.read("limits", _table(target, "limits", problems), problems.append),
    )
    if problems:
        what = f"the environment {environment!r}" if environment else _FILE
        hint = "set them" if environment else f"mend {_FILE}"
        raise ConfigurationError("config-incomplete", f"{what} is not complete", problems=tuple(problems), hint=hint)
    return setup


def _read(path: Path) -> dict[str, Any]:
    """Return the parsed file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError("config-unreadable", f"{_FILE} cannot be read: {error}") from None


def _table(document: Mapping[str, Any], name: str, problems: list[str]) -> dict[str, Any]:
    """Return a table; an empty one where it is none."""
    found = document.get(name, {})
    if isinstance(found, dict):
        return found
    problems.append(f"{name} is not a table: write [{name}] in {_FILE}")
    return {}


def _words(value: object) -> tuple[str, ...]:
    """Return a list of texts; what is none is for a release to refuse."""
    return tuple(str(word) for word in value) if isinstance(value, list) else ()


def _seconds(lint: Mapping[str, Any], problems: list[str]) -> float:
    """Return how long a revision may take."""
    found = lint.get("seconds", _SECONDS)
    if isinstance(found, int | float) and not isinstance(found, bool) and found > 0:
        return float(found)
    problems.append(f"lint.seconds must be a number above 0, not {found!r}: set it in {_FILE}")
    return 1.0


def _environment(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an environment's table."""
    known = document.get("environments", {})
    if isinstance(known, dict) and isinstance(known.get(name), dict):
        return dict(known[name])
    hint = f"use one of: {', '.join(sorted(known))}" if known else f"write [environments.{name}] in {_FILE}"
    raise UsageError("unknown-environment", f"there is no environment called {name!r}", where=_FILE, hint=hint)


def _env_file(root: Path, target: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of the environment's env file."""
    path = root / str(target.get("env_file") or ".env")
    if not target.get("env_file") or not path.is_file():
        return {}
    return {key: value for key, value in dotenv_values(path, interpolate=False).items() if value}


def _url(target: Mapping[str, Any], key: str, values: Mapping[str, str], problems: list[str]) -> Secret | None:
    """Return a URL of an environment; None where it has none. On a local stack the variable has the usual name."""
    variables = {"database_url": "DATABASE_URL", "scratch_url": "SCRATCH_DATABASE_URL"}
    given = f"${variables[key]}" if target.get("stack") else target.get(key)
    if not isinstance(given, str) or not given.startswith("$"):
        if given:
            problems.append(f"{key} is a secret written into {_FILE}: write $VARIABLE and set that instead")
        return None
    name = given.removeprefix("$")
    if not values.get(name):
        place = f" or put it in {target['env_file']}" if target.get("env_file") else ""
        problems.append(f"{name} is not set: export it{place} (for {key} of {_FILE})")
        return None
    return Secret(name, values[name])


def _shadow(target: Mapping[str, Any], values: Mapping[str, str], problems: list[str]) -> Secret | None:
    """Return the server that migrations are tried on; None where the environment names none."""
    if "shadow_database_url" not in target:
        return None
    found = _url({**target, "stack": None}, "shadow_database_url", values, problems)
    own = _url(target, "database_url", values, [])
    if found:
        compared = "" if target.get("ssh") or own is None else own.reveal()
        problems += reach.wrong_shadow("shadow_database_url", found.name, found.reveal(), compared)
    return found


def environments(root: Path) -> tuple[str, ...]:
    """Return the names of the environments that gonogo.toml has."""
    known = _read(root / _FILE).get("environments", {})
    return tuple(known) if isinstance(known, dict) else ()
