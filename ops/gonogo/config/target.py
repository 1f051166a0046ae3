"""One environment of gonogo.toml, with every value filled in."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gonogo import artifacts, freezing, limits, reach
from gonogo.config import backups as backups_room
from gonogo.config import stack as stack_room
from gonogo.config.document import FILE, Problems, flag_of, table_of, text_of
from gonogo.config.values import PROVIDERS, SECRETS, SHADOW, TELEGRAM, VALUES, Reader
from gonogo.model import ProviderTarget, Secret, Ssh, Target, TelegramTarget

_TELEGRAM_URL = "https://api.telegram.org"
_REPLICAS = {"replicas", "worker_replicas"}
_ALLOWANCES = {"allow_dirty", "allow_stop_first", "accept_thin_bake"}
_OPTIONS = {"stack", "env_file", "limits", "backups", "freeze", SHADOW, *_ALLOWANCES, *_REPLICAS, *reach.KEYS}


def read(name: str, table: Mapping[str, Any], environ: Mapping[str, str], problems: Problems, *, root: Path) -> Target:
    """Return the environment with every value filled in."""
    at = f"environments.{name}"
    for key in sorted(set(table) - {*VALUES, *TELEGRAM, *PROVIDERS} - _OPTIONS):
        problems.add(f"{at}.{key} is not a key of {FILE}")
    stack = table.get("stack")
    given = {key: f"${variable}" for key, variable in stack_room.STACK_VARIABLES.items()} if stack else table
    reader = Reader(at=at, env_file=str(table.get("env_file", "")), environ=environ, problems=problems)
    values = {key: reader.value(key, given.get(key)) for key in VALUES}
    for problem in reach.wrong_urls(at, values):
        problems.add(problem)
    wrapped = {key: Secret(name, text) if VALUES[key] else text for key, (name, text) in values.items()}
    ssh = _ssh(reader, table, values, root=root)
    return Target(
        name=name,
        stack=str(stack) if stack else None,
        allow_dirty=flag_of(table, f"{at}.allow_dirty", problems),
        allow_stop_first=flag_of(table, f"{at}.allow_stop_first", problems),
        accept_thin_bake=text_of(table, f"{at}.accept_thin_bake", problems) if "accept_thin_bake" in table else "",
        limits=limits.read(f"{at}.limits", table_of(table, f"{at}.limits", problems), problems.add),
        freeze=freezing.read(table.get("freeze", []), f"{at}.freeze", problems.add),
        telegram=_telegram(reader, table, is_stack=bool(stack)),
        providers=_providers(reader, table, is_stack=bool(stack)),
        env_file="" if stack else str(table.get("env_file") or ""),
        ssh=ssh,
        backups=backups_room.read(reader, table),
        shadow_url=_shadow(reader, table, wrapped["database_url"], ssh),
        replicas=artifacts.count(table, f"{at}.replicas", problems.add),
        worker_replicas=artifacts.count(table, f"{at}.worker_replicas", problems.add),
        **wrapped,  # type: ignore[arg-type]  # by VALUES: secrets wrapped, the rest text
    )


def _telegram(reader: Reader, table: Mapping[str, Any], *, is_stack: bool) -> TelegramTarget:
    """Return the environment's bot; what is missing is told by whoever needs it, a release does not."""
    given = {key: f"${variable}" if is_stack else table.get(key) for key, (_, variable) in TELEGRAM.items()}
    written = [key for key in TELEGRAM if key in SECRETS and given[key] and not str(given[key]).startswith("$")]
    for key in written:
        reader.value(key, given[key])
    own = replace(reader, problems=Problems())
    (name, token), (secret_name, shown) = (own.value(key, given[key]) for key in ("telegram_token", "telegram_secret"))
    missing = tuple(own.problems.found)
    _, url = own.value("telegram_url", given["telegram_url"])
    _, bot = own.value("telegram_bot", given["telegram_bot"])
    listed = tuple(Secret(secret_name, each.strip()) for each in shown.split(",") if each.strip())
    return TelegramTarget(
        token=Secret(name, token), webhook_secrets=listed, url=url or _TELEGRAM_URL, bot=bot, missing=missing
    )


def _providers(reader: Reader, table: Mapping[str, Any], *, is_stack: bool) -> ProviderTarget:
    """Return where the environment's providers are; what is not set is where it usually is, or is done by hand."""
    own = replace(reader, problems=Problems())
    found: dict[str, str] = {}
    for key, (is_secret, variable, usual) in PROVIDERS.items():
        given = f"${variable}" if is_stack else table.get(key)
        if is_secret and given and not str(given).startswith("$"):
            reader.value(key, given)
        found[key] = (own.value(key, given)[1] if given else "") or usual
    managing = Secret("XAI_MANAGEMENT_KEY", found["xai_management_key"])
    return ProviderTarget(
        xai_url=found["xai_url"],
        xai_management_url=found["xai_management_url"],
        xai_management_key=managing,
        todoist_url=found["todoist_url"],
    )


def _ssh(reader: Reader, table: Mapping[str, Any], values: Mapping[str, tuple[str, str]], *, root: Path) -> Ssh | None:
    """Return what the environment's servers are reached through; None for directly."""
    asked = "ssh" in table and not table.get("stack")
    given = reader.value("ssh", table["ssh"]) if asked else ("ssh", "")
    ssh, problems = reach.read(reader.at, {**table, "ssh": given} if asked else table, values, root=root)
    for problem in problems:
        reader.problems.add(problem)
    return ssh


def _shadow(reader: Reader, table: Mapping[str, Any], database: Secret | str, ssh: Ssh | None) -> Secret | None:
    """Return the server that migrations are tried on; None where the table names none."""
    if SHADOW not in table:
        return None
    name, text = reader.value(SHADOW, table[SHADOW])
    carried = ssh is not None and "database" in ssh.carries  # its URL is then meant as that host sees it
    own = database.reveal() if isinstance(database, Secret) and not carried else ""
    for problem in reach.wrong_shadow(f"{reader.at}.{SHADOW}", name, text, own):
        reader.problems.add(problem)
    return Secret(name, text)
