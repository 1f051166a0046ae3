"""Read gonogo.toml for one environment, and say every problem at once.

May not talk to anything outside beyond the file that it is given.
"""

import math
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from gonogo import artifacts, freezing, reach
from gonogo.errors import ConfigurationError, UsageError
from gonogo.model import (
    Artifact,
    Commands,
    Config,
    Limits,
    Project,
    Secret,
    ServicePaths,
    Ssh,
    Target,
    TelegramTarget,
    Webhook,
)

FILE = "gonogo.toml"

# A target's values: whether each one is a secret.
_VALUES = {
    "coolify_url": False,
    "coolify_token": True,
    "api_uuid": False,
    "worker_uuid": False,
    "api_url": False,
    "api_token": True,
    "database_url": True,
    "redis_url": True,
    "scratch_url": True,
}
# What a local stack provides, by the variable that the key would name elsewhere.
STACK_VARIABLES = {
    "coolify_url": "COOLIFY_URL",
    "coolify_token": "COOLIFY_TOKEN",
    "api_uuid": "COOLIFY_API_UUID",
    "worker_uuid": "COOLIFY_WORKER_UUID",
    "api_url": "API_URL",
    "api_token": "API_TOKEN",
    "database_url": "DATABASE_URL",
    "redis_url": "REDIS_URL",
    "scratch_url": "SCRATCH_DATABASE_URL",
}
# What only a bot needs: whether each one is a secret, and the variable that a local stack provides it by.
_TELEGRAM = {
    "telegram_token": (True, "TELEGRAM_BOT_TOKEN"),
    "telegram_secret": (True, "TELEGRAM_WEBHOOK_SECRETS"),
    "telegram_url": (False, "TELEGRAM_BASE_URL"),
    "telegram_bot": (False, "TELEGRAM_BOT_USERNAME"),
}
_TELEGRAM_URL = "https://api.telegram.org"
_SECRETS = {*(key for key, is_secret in _VALUES.items() if is_secret), "telegram_token", "telegram_secret"}
_REPLICAS = {"replicas", "worker_replicas"}
_ALLOWANCES = {"allow_dirty", "allow_stop_first", "accept_thin_bake"}
_OPTIONS = {"stack", "env_file", "limits", "freeze", *_ALLOWANCES, *_REPLICAS, *reach.KEYS}
# Limits that nothing can be done with at zero: a rate, a pause, a count of tries.
_NEVER_ZERO = {"poll_s", "settle_s", "bake_rate", "bake_min_requests", "migrate_attempts"}
_PROJECT = {"name", "state", "ledger", "log"}
_STACK = {"broken", "services", "environment", "issue_token"}
# What a local stack fills in when it starts: the addresses of the providers' stand-ins, and a secret.
STACK_PLACEHOLDERS = ("xai", "todoist", "telegram", "random")
_TABLES = {"project", "artifact", "service", "commands", "environments", "lint", "stack", "telegram"}


@dataclass(slots=True)
class _Problems:
    """Problems found while reading; asked for all at once at the end."""

    found: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        """Note one problem, in a sentence."""
        self.found.append(problem)


def load(path: Path, environment: str, environ: Mapping[str, str], shell: Mapping[str, str] | None = None) -> Config:
    """Return the configuration of one environment.

    Args:
        path: gonogo.toml.
        environment: a name under [environments].
        environ: the process environment, or what a local stack says of itself.
        shell: the process environment where `environ` is a stack's; it names the ledger.

    Raises:
        UsageError: there is no such environment.
        ConfigurationError: the file cannot be read, or values are missing or wrong; all of them at once.
    """
    document = _read(path)
    table = _environment(document, environment)
    problems = _Problems()
    parts = _parts(path.parent, document, problems, shell or environ)
    variables = {**_env_file(path.parent, table), **environ}
    target = _target(environment, table, variables, problems, root=path.parent)
    _refuse(environment, problems)
    return Config(**parts, target=target)


def stack_of(path: Path, environment: str) -> str | None:
    """Return the local stack that an environment lives on; None for a real one.

    Raises:
        UsageError: there is no such environment.
    """
    stack = _environment(_read(path), environment).get("stack")
    return str(stack) if stack else None


def load_project(path: Path, environ: Mapping[str, str]) -> Project:
    """Return what needs no environment of gonogo.toml; `environ` is the process's own.

    Raises:
        ConfigurationError: the file cannot be read, or values are missing or wrong; all of them at once.
    """
    problems = _Problems()
    parts = _parts(path.parent, _read(path), problems, environ)
    _refuse("", problems)
    return Project(**parts)


def _read(path: Path) -> dict[str, Any]:
    """Return the parsed file."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        message = f"there is no {FILE} in {path.parent.name or path.parent}"
        raise ConfigurationError("config-missing", message, hint="run from the repository's root") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError("config-unreadable", f"{FILE} cannot be read: {error}") from None


def _environment(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return an environment's table."""
    known = document.get("environments", {})
    if name in known and isinstance(known[name], dict):
        return dict(known[name])
    message = f"there is no environment called {name!r}"
    raise UsageError("unknown-environment", message, where=FILE, hint=f"use one of: {', '.join(sorted(known))}")


def _parts(root: Path, document: Mapping[str, Any], problems: _Problems, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return what does not depend on the environment."""
    for name in sorted(set(document) - _TABLES):
        problems.add(f"[{name}] is not a table of {FILE}; known are {', '.join(sorted(_TABLES))}")
    project = _table(document, "project", problems, keys=_PROJECT)
    stack = _table(document, "stack", problems, keys=_STACK)
    state = _inside(root, project.get("state", ".gonogo"), "project.state", problems)
    return {
        "project": _text(project, "project.name", problems),
        "root": root,
        "state": state,
        "ledger_url": _ledger(root, project, problems, environ),
        "log": _inside(root, project["log"], "project.log", problems) if "log" in project else None,
        "artifact": artifacts.check_tag(_record(Artifact, document, "artifact", problems), problems.add),
        "service": _record(ServicePaths, document, "service", problems),
        "commands": _record(Commands, document, "commands", problems),
        "stack_services": {
            name: _words(command, f"stack.services.{name}", problems)
            for name, command in _table(stack, "stack.services", problems).items()
        },
        "stack_environment": _stack_environment(stack, "stack.environment", problems),
        "stack_broken": {
            fault: _stack_environment(broken, f"stack.broken.{fault}", problems)
            for broken in [_table(stack, "stack.broken", problems)]
            for fault in broken
        },
        "telegram": _webhook(document, problems),
        "stack_issue_token": _words(stack.get("issue_token", []), "stack.issue_token", problems),
    }


def _stack_environment(table: Mapping[str, Any], key: str, problems: _Problems) -> dict[str, str]:
    """Return the variables of a stack's services, whose placeholders are known."""
    found = {name: str(value) for name, value in _table(table, key, problems).items()}
    for name, value in found.items():
        for unknown in sorted(set(re.findall(r"\{(\w+)\}", value)) - set(STACK_PLACEHOLDERS)):
            known = ", ".join(f"{{{each}}}" for each in STACK_PLACEHOLDERS)
            problems.add(f"{key}.{name} names {{{unknown}}}; known are {known}")
    return found


def _inside(root: Path, given: object, key: str, problems: _Problems) -> Path:
    """Return a path below the repository's root."""
    path = root / given if isinstance(given, str) and given else root
    if path == root or not path.resolve().is_relative_to(root.resolve()):
        problems.add(f"{key} must be a path below the repository's root: set it in {FILE}")
    return path


def _words(given: object, key: str, problems: _Problems) -> tuple[str, ...]:
    """Return a command, a list of texts."""
    if isinstance(given, list) and all(isinstance(word, str) for word in given):
        return tuple(given)
    problems.add(f"{key} must be a list of texts: set it in {FILE}")
    return ()


def _table(
    document: Mapping[str, Any], name: str, problems: _Problems, *, keys: Collection[str] = ()
) -> Mapping[str, Any]:
    """Return a table by its dotted name, whose keys are to be among those known where there are any."""
    table = document.get(name.rsplit(".", 1)[-1], {})
    if not isinstance(table, dict):
        problems.add(f"{name} is not a table: write [{name}] in {FILE}")
        return {}
    for key in sorted(set(table) - set(keys or table)):
        problems.add(f"{name}.{key} is not a key of {FILE}")
    return table


def _ledger(root: Path, project: Mapping[str, Any], problems: _Problems, environ: Mapping[str, str]) -> str:
    """Return the ledger's URL; a relative SQLite file is meant from the repository's root."""
    url = str(project.get("ledger", "sqlite:///.gonogo/ledger.db"))
    if url.startswith("$"):
        variable = url.removeprefix("$")
        if not environ.get(variable):
            problems.add(f"{variable} is not set: export it (for project.ledger of {FILE})")
        return environ.get(variable, "")
    prefix = "sqlite:///"
    if url.startswith(prefix) and not url.startswith(prefix + "/"):
        return f"{prefix}{root / url.removeprefix(prefix)}"
    return url


def _text(table: Mapping[str, Any], key: str, problems: _Problems) -> str:
    """Return a text value by its dotted key."""
    value = table.get(key.rsplit(".", 1)[-1])
    if isinstance(value, str) and value.strip():
        return value
    problems.add(f"{key} {'is no text' if value else 'is missing'}: set it in {FILE}")
    return ""


def _flag(table: Mapping[str, Any], key: str, problems: _Problems) -> bool:
    """Return a value that is true or false by its dotted key; false when it is not there."""
    value = table.get(key.rsplit(".", 1)[-1], False)
    if not isinstance(value, bool):
        problems.add(f"{key} must be true or false, without quotes")
    return value is True


def _record(kind: type[Any], document: Mapping[str, Any], name: str, problems: _Problems) -> Any:
    """Return a record of texts and commands from a table with the same keys; `{"a": ["b"]}` gives tuples.

    A key whose field has a default may be left out.
    """
    table = _table(document, name, problems, keys=[each.name for each in fields(kind)])
    values = {}
    for each in fields(kind):
        if each.name not in table and each.default is not MISSING:
            continue
        value = table.get(each.name)
        wanted: type = str if each.type in {"str", str} else list
        if not isinstance(value, wanted) or not value:
            problems.add(f"{name}.{each.name} is missing or not a {wanted.__name__}: set it in {FILE}")
        values[each.name] = _words(value, f"{name}.{each.name}", problems) if isinstance(value, list) else value
    return kind(**values)


def _target(
    name: str, table: Mapping[str, Any], environ: Mapping[str, str], problems: _Problems, *, root: Path
) -> Target:
    """Return the environment with every value filled in."""
    at = f"environments.{name}"
    for key in sorted(set(table) - set(_VALUES) - set(_TELEGRAM) - _OPTIONS):
        problems.add(f"{at}.{key} is not a key of {FILE}")
    stack = table.get("stack")
    given = {key: f"${variable}" for key, variable in STACK_VARIABLES.items()} if stack else table
    reader = _Reader(at=at, env_file=str(table.get("env_file", "")), environ=environ, problems=problems)
    values = {key: reader.value(key, given.get(key)) for key in _VALUES}
    for problem in reach.wrong_urls(at, values):
        problems.add(problem)
    wrapped = {key: Secret(name, text) if _VALUES[key] else text for key, (name, text) in values.items()}
    return Target(
        name=name,
        stack=str(stack) if stack else None,
        allow_dirty=_flag(table, f"{at}.allow_dirty", problems),
        allow_stop_first=_flag(table, f"{at}.allow_stop_first", problems),
        accept_thin_bake=_text(table, f"{at}.accept_thin_bake", problems) if "accept_thin_bake" in table else "",
        limits=_limits(at, _table(table, f"{at}.limits", problems), problems),
        freeze=freezing.read(table.get("freeze", []), f"{at}.freeze", problems.add),
        telegram=_telegram(reader, table, is_stack=bool(stack)),
        ssh=_ssh(reader, table, values, root=root),
        replicas=artifacts.count(table, f"{at}.replicas", problems.add),
        worker_replicas=artifacts.count(table, f"{at}.worker_replicas", problems.add),
        **wrapped,  # type: ignore[arg-type]  # by _VALUES: secrets wrapped, the rest text
    )


def _telegram(reader: "_Reader", table: Mapping[str, Any], *, is_stack: bool) -> TelegramTarget:
    """Return the environment's bot; what is missing is told by whoever needs it, a release does not."""
    given = {key: f"${variable}" if is_stack else table.get(key) for key, (_, variable) in _TELEGRAM.items()}
    written = [key for key in _TELEGRAM if key in _SECRETS and given[key] and not str(given[key]).startswith("$")]
    for key in written:
        reader.value(key, given[key])
    own = replace(reader, problems=_Problems())
    (name, token), (secret_name, shown) = (own.value(key, given[key]) for key in ("telegram_token", "telegram_secret"))
    missing = tuple(own.problems.found)
    _, url = own.value("telegram_url", given["telegram_url"])
    _, bot = own.value("telegram_bot", given["telegram_bot"])
    listed = tuple(Secret(secret_name, each.strip()) for each in shown.split(",") if each.strip())
    return TelegramTarget(
        token=Secret(name, token), webhook_secrets=listed, url=url or _TELEGRAM_URL, bot=bot, missing=missing
    )


def _ssh(
    reader: "_Reader", table: Mapping[str, Any], values: Mapping[str, tuple[str, str]], *, root: Path
) -> Ssh | None:
    """Return what the environment's servers are reached through; None for directly."""
    asked = "ssh" in table and not table.get("stack")
    given = reader.value("ssh", table["ssh"]) if asked else ("ssh", "")
    ssh, problems = reach.read(reader.at, {**table, "ssh": given} if asked else table, values, root=root)
    for problem in problems:
        reader.problems.add(problem)
    return ssh


def _webhook(document: Mapping[str, Any], problems: _Problems) -> Webhook | None:
    """Return how the service takes a bot's updates; None where the file does not say."""
    if "telegram" not in document:
        return None
    table = _table(document, "telegram", problems, keys=("webhook", "allowed_updates"))
    allowed = _words(table.get("allowed_updates"), "telegram.allowed_updates", problems)
    return Webhook(path=_text(table, "telegram.webhook", problems), allowed_updates=allowed)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Reader:
    """Fills values in, and notes what is missing with the places where it can be set."""

    at: str
    env_file: str
    environ: Mapping[str, str]
    problems: _Problems

    def value(self, key: str, given: object) -> tuple[str, str]:
        """Return the name that a value has for people, and the value; empty when it is missing."""
        if not isinstance(given, str) or not given:
            self.problems.add(f"{self.at}.{key} is missing: set it in {FILE}, as a value or as $VARIABLE")
            return key, ""
        if given.startswith("$"):
            return given.removeprefix("$"), self._variable(key, given.removeprefix("$"))
        if key in _SECRETS:
            self.problems.add(f"{self.at}.{key} is a secret written into {FILE}: write $VARIABLE and set that instead")
        return key, given

    def _variable(self, key: str, variable: str) -> str:
        """Return a variable's value; empty when it is not set."""
        value = self.environ.get(variable, "").strip()
        if not value:
            place = f" or put it in {self.env_file}" if self.env_file else ""
            self.problems.add(f"{variable} is not set: export it{place} (for {self.at}.{key} of {FILE})")
        return value


def _limits(at: str, table: Mapping[str, Any], problems: _Problems) -> Limits:
    """Return the limits, each a number in the unit of its name."""
    known = {each.name: each.type for each in fields(Limits)}
    good: dict[str, Any] = {}
    for key, value in table.items():
        if key not in known:
            problems.add(f"{at}.limits.{key} is not a limit; known are {', '.join(sorted(known))}")
        elif wrong := _wrong_limit(key, value, is_whole=known[key] is int):
            problems.add(f"{at}.limits.{key} {wrong}")
        else:
            good[key] = value
    return Limits(**good)


def _wrong_limit(key: str, value: object, *, is_whole: bool) -> str:
    """Return what a limit must be and is not; empty when it is good."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        return "must be a number of zero or more"
    if is_whole and not isinstance(value, int):
        return "must be a whole number"
    if key in _NEVER_ZERO and value == 0:
        return "must be more than zero"
    return ""


def _env_file(root: Path, table: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of the environment's env file; none where there is no such file."""
    path = root / str(table.get("env_file") or ".env")
    if not table.get("env_file") or not path.is_file():
        return {}
    return {key: value for key, value in dotenv_values(path, interpolate=False).items() if value}


def _refuse(environment: str, problems: _Problems) -> None:
    """Raise when there was any problem."""
    if not problems.found:
        return
    count = f"{len(problems.found)} problem{'s' if len(problems.found) > 1 else ''}"
    what = f"the environment {environment!r}" if environment else FILE
    hint = f"set them, then: invoke deploy.plan --env {environment}" if environment else f"mend {FILE}"
    message = f"{what} is not complete: {count}"
    raise ConfigurationError("config-incomplete", message, problems=tuple(problems.found), hint=hint)
