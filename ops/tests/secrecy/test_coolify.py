"""What Coolify says of a variable, as far as a secret goes: its value unseen, its age, and who else is handed it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gonogo.adapters.coolify import records

VALUE = "mV3pQ8zRt6YkW1nB5xLc9"


def row(**more: Any) -> dict[str, Any]:
    """Return a row as Coolify has it."""
    return {"key": "SECRET_KEY", "value": VALUE, "is_runtime": True, "is_buildtime": True, **more}


def test_a_value_is_held_and_never_shown() -> None:
    """It is compared, and looked for."""
    found = records.variable(row(), b"key")
    assert found.held is not None
    assert found.held.reveal() == VALUE
    assert VALUE not in repr(found)


@pytest.mark.parametrize("hidden", [{"value": None}, {"value": "<REDACTED>"}, {"is_shown_once": True}])
def test_what_may_not_be_read_is_not_held(hidden: dict[str, Any]) -> None:
    """A locked variable, or a token that may not see it."""
    found = records.variable(row(**hidden), b"key", {"SECRET_KEY": VALUE})
    assert (found.held, found.is_copied) == (None, False)


@pytest.mark.parametrize(
    ("told", "since"),
    [
        ({"updated_at": "2026-05-01T10:00:00.000000Z"}, datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ({"created_at": "2026-05-01T10:00:00+00:00", "updated_at": None}, datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ({"updated_at": "2026-05-01 10:00:00"}, datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ({"updated_at": "yesterday"}, None),
        ({}, None),
    ],
)
def test_its_age_is_when_it_was_last_written(told: dict[str, Any], since: datetime | None) -> None:
    """Unknown where Coolify does not say so in a form that is known."""
    assert records.variable(row(**told), b"key").changed_at == since


def test_a_preview_s_copy_is_one_with_the_same_value() -> None:
    """Another value, or none, is no copy."""
    rows = [row(is_preview=False), row(is_preview=True), row(key="OTHER", value="1", is_preview=True)]
    assert records.previews(rows) == {"SECRET_KEY": VALUE, "OTHER": "1"}
    assert records.variable(rows[0], b"key", records.previews(rows)).is_copied
    assert not records.variable(rows[0], b"key", {"SECRET_KEY": "another"}).is_copied
    assert not records.variable(rows[0], b"key", {}).is_copied
