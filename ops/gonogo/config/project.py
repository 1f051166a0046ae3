"""What gonogo.toml says of the project itself, the same for each of its environments."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gonogo import artifacts
from gonogo.config import stack
from gonogo.config.document import FILE, Problems, path_inside, record_of, table_of, text_of, words_of
from gonogo.model import Artifact, Commands, ServicePaths, Webhook
from gonogo.secrecy import policy

_TABLES = {
    "project",
    "artifact",
    "service",
    "commands",
    "compat",
    "environments",
    "lint",
    "secrets",
    "stack",
    "telegram",
}
_KEYS = {"name", "state", "ledger", "log"}


def parts(root: Path, document: Mapping[str, Any], problems: Problems, environ: Mapping[str, str]) -> dict[str, Any]:
    """Return what does not depend on the environment."""
    for name in sorted(set(document) - _TABLES):
        problems.add(f"[{name}] is not a table of {FILE}; known are {', '.join(sorted(_TABLES))}")
    project = table_of(document, "project", problems, keys=_KEYS)
    state = path_inside(root, project.get("state", ".gonogo"), "project.state", problems)
    return {
        "project": text_of(project, "project.name", problems),
        "root": root,
        "state": state,
        "ledger_url": _ledger(root, project, problems, environ),
        "log": path_inside(root, project["log"], "project.log", problems) if "log" in project else None,
        "artifact": artifacts.check_tag(record_of(Artifact, document, "artifact", problems), problems.add),
        "service": record_of(ServicePaths, document, "service", problems),
        "commands": record_of(Commands, document, "commands", problems),
        "exceptions": _exceptions(root, document, problems),
        "telegram": _webhook(document, problems),
        "lint_environment": _lint_environment(document, problems),
        "secrecy": policy.read("secrets", table_of(document, "secrets", problems), problems.add),
        **stack.parts(document, problems),
    }


def _ledger(root: Path, project: Mapping[str, Any], problems: Problems, environ: Mapping[str, str]) -> str:
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


def _exceptions(root: Path, document: Mapping[str, Any], problems: Problems) -> Path | None:
    """Return the file of what an earlier release may break on; None where the file does not say."""
    table = table_of(document, "compat", problems, keys={"exceptions"})
    if "exceptions" not in table:
        return None
    return path_inside(root, table["exceptions"], "compat.exceptions", problems)


def _lint_environment(document: Mapping[str, Any], problems: Problems) -> dict[str, str]:
    """Return what env.py is told where migrations are captured and tried."""
    found = table_of(document, "lint", problems, keys={"environment", "seconds"}).get("environment", {})
    if isinstance(found, dict):
        return {name: str(value) for name, value in found.items()}
    problems.add(f"lint.environment is not a table: write [lint.environment] in {FILE}")
    return {}


def _webhook(document: Mapping[str, Any], problems: Problems) -> Webhook | None:
    """Return how the service takes a bot's updates; None where the file does not say."""
    if "telegram" not in document:
        return None
    table = table_of(document, "telegram", problems, keys=("webhook", "allowed_updates"))
    allowed = words_of(table.get("allowed_updates"), "telegram.allowed_updates", problems)
    return Webhook(path=text_of(table, "telegram.webhook", problems), allowed_updates=allowed)
