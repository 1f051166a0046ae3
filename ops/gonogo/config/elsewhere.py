"""What the files of the other environments hold: looked at so that a secret used twice is seen. Never required."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gonogo.config import values
from gonogo.model import Secret

_NAMED_SO = re.compile(r"SECRET|TOKEN|PASSW|KEY$|CREDENTIAL|PRIVATE|DSN", re.IGNORECASE)


def read(root: Path, document: Mapping[str, Any], environment: str) -> dict[str, tuple[Secret, ...]]:
    """Return the secrets of every other environment that has a file here, by environment."""
    found = {}
    for name, table in document.get("environments", {}).items():
        if name == environment or not isinstance(table, Mapping) or table.get("stack"):
            continue
        held = values.env_file(root, table)
        named = {str(table[key]).removeprefix("$") for key in values.SECRETS if key in table}
        secrets = [Secret(key, value) for key, value in held.items() if key in named or _NAMED_SO.search(key)]
        if secrets:
            found[name] = tuple(secrets)
    return found
