"""Coolify's rows as our records: tolerant of what is missing or new, strict in what a release relies on."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from gonogo.adapters.coolify import pins, settings
from gonogo.model import Application, Deployment, Secret, Variable

_FINGERPRINT = 32
_SECRET = re.compile("SECRET|TOKEN|PASSW|KEY|CREDENTIAL|PRIVATE|DSN", re.IGNORECASE)
_REDACTED = re.compile(r"<redacted>|\*{3,}|•{3,}", re.IGNORECASE)


def rows(found: Any) -> tuple[Mapping[str, Any], ...]:  # JSON
    """Return the rows of a list; PHP makes an object of one whose keys are not in order."""
    listed = list(found.values()) if isinstance(found, Mapping) else found
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise TypeError
    return tuple(listed)


def application(body: Any) -> Application:  # JSON
    """Return an application from Coolify's description of it."""
    uuid = _word(body["uuid"])
    why = settings.why_stop_first(body)
    found = settings.of(body)
    return Application(
        uuid=uuid,
        name=_text(body.get("name")) or uuid,
        status=_text(body.get("status")),
        pin=pins.of(body),
        git_repository=str(found.get("git_repository") or ""),
        rolling=not why,
        why_not_rolling=why,
        health_checked=settings.is_health_checked(body),
        settings=found,
        restart_count=_number(body.get("restart_count") or 0),
    )


def deployment(row: Any, app_uuid: str = "") -> Deployment:  # JSON
    """Return a deployment from one of Coolify's rows; its application is named only in the row's URL."""
    return Deployment(
        uuid=_word(row["deployment_uuid"]),
        number=_number(row["id"]),
        application_uuid=_application_of(row) or app_uuid,
        commit=_text(row.get("commit")),
        status=_word(row["status"]),
        ended=bool(row.get("finished_at")),
    )


def deployments(found: Any, app_uuid: str = "") -> tuple[Deployment, ...]:  # JSON
    """Return the deployments of a list, newest first; previews of pull requests are none of a release's business."""
    ours = (row for row in rows(found) if not _number(row.get("pull_request_id") or 0))
    return tuple(sorted((deployment(row, app_uuid) for row in ours), key=lambda each: -each.number))


def production(found: Any) -> tuple[Mapping[str, Any], ...]:  # JSON
    """Return the rows of the variables that production containers are handed; each has a preview twin."""
    return tuple(row for row in rows(found) if not settings.is_on(row.get("is_preview")))


def values(found: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Return the values of variables, as they are and as they are quoted, so that they can be hidden."""
    return (str(row[name]) for row in found for name in ("value", "real_value") if row.get(name) not in {None, ""})


def secrets(found: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Return those of the values that are secrets by their variable's name, and the passwords in URLs."""
    for row in found:
        for value in values((row,)):
            if _SECRET.search(str(row.get("key"))):
                yield value
            yield from Secret("", value).words[1:]


def variable(row: Mapping[str, Any], key: bytes, previews: Mapping[str, object] | None = None) -> Variable:
    """Return a variable; its value goes on only as what never prints itself.

    Args:
        row: Coolify's row.
        key: what its fingerprint is keyed with.
        previews: the values that previews are handed, by variable.
    """
    is_locked = settings.is_on(row.get("is_shown_once"))
    value = row.get("value")
    is_hidden = is_locked or value is None or is_redacted(value)
    return Variable(
        key=_word(row["key"]),
        fingerprint=None if is_hidden else fingerprint(str(value), key),
        is_runtime=row.get("is_runtime") is None or settings.is_on(row["is_runtime"]),
        is_buildtime=row.get("is_buildtime") is None or settings.is_on(row["is_buildtime"]),
        is_literal=settings.is_on(row.get("is_literal")),
        is_multiline=settings.is_on(row.get("is_multiline")),
        is_locked=is_locked,
        held=None if is_hidden else Secret(_word(row["key"]), str(value)),
        changed_at=_time(row.get("updated_at")) or _time(row.get("created_at")),
        is_copied=not is_hidden and (previews or {}).get(str(row["key"])) == value,
    )


def previews(found: Any) -> Mapping[str, object]:  # JSON
    """Return the values that previews are handed, by variable."""
    return {str(row.get("key")): row.get("value") for row in rows(found) if settings.is_on(row.get("is_preview"))}


def _time(value: object) -> datetime | None:
    """Return a time as Coolify writes it; None for what is none."""
    with suppress(ValueError):
        found = datetime.fromisoformat(str(value))
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def is_redacted(value: object) -> bool:
    """Return whether something stands where a value was."""
    return bool(_REDACTED.fullmatch(str(value)))


def fingerprint(value: str, key: bytes) -> str:
    """Return what tells that a value has changed, and nothing else of it to who has not the key."""
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:_FINGERPRINT]


def key_of(secret: Secret) -> bytes:
    """Return the key that fingerprints are made with: of a URL its password alone, since hosts and ports move."""
    stable = urlsplit(secret.reveal()).password or secret.reveal()
    return hashlib.sha256(b"gonogo fingerprint of a variable\0" + stable.encode()).digest()


def _application_of(row: Mapping[str, Any]) -> str:
    """Return the application's uuid out of a row's URL, else out of what is nested in it; empty when neither tells."""
    parts = _text(row.get("deployment_url")).split("/")
    if "application" in parts[:-1]:
        return parts[parts.index("application") + 1]
    nested = row.get("application")
    return _text(nested.get("uuid")) if isinstance(nested, Mapping) else ""


def _word(value: object) -> str:
    """Return a text that must be there."""
    found = _text(value)
    if not found:
        raise TypeError
    return found


def _text(value: object) -> str:
    """Return a text, empty for null; anything else is not what Coolify sends."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TypeError
    return value.strip()


def _number(value: object) -> int:
    """Return a whole number, which may come as text."""
    if isinstance(value, bool) or not re.fullmatch(r"-?\d{1,18}", str(value)):
        raise TypeError
    return int(str(value))
