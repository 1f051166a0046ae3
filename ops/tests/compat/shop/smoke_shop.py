"""The shop's own suite."""

import json
import os
import urllib.request
from typing import Any


def call(path: str, *, told: object = None) -> Any:
    """Return an answer."""
    request = urllib.request.Request(  # noqa: S310
        os.environ["API_URL"] + path,
        data=None if told is None else json.dumps(told).encode(),
        headers={"Authorization": f"Bearer {os.environ['API_TOKEN']}"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
        return json.loads(answer.read())


def test_item_is_kept() -> None:
    """It gets a number."""
    assert call("/items", told={"name": "lamp"})["made"][0]["id"]


def test_items_are_listed() -> None:
    """Each has its name."""
    assert all(item["name"] for item in call("/items")["items"])


def test_what_never_works() -> None:
    """Not even on its own schema."""
    assert call("/health/live")["status"] == "asleep"
