"""Commands in messages, so that they work where they are read."""

import os
import re


def pasteable(text: str) -> str:
    """Return a text with its commands ready to paste: under `uv run`, `invoke` alone may not be on PATH."""
    if "invoke " not in text:
        return text
    prefix = "uv run " if "UV" in os.environ else ""
    return re.sub(r"(?<!run )\binvoke (?=[a-z]+\.[a-z]+)", f"{prefix}invoke ", text)
