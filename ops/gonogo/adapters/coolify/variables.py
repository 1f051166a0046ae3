"""One variable of an application: read, and set with its flags as they are, since what is left out would be reset."""

from collections.abc import Mapping
from typing import Any

from gonogo.adapters.coolify import endpoints, records, settings
from gonogo.adapters.coolify.calls import Calls
from gonogo.errors import AnswerLostError, RefusedError
from gonogo.model import Secret

_FLAGS = ("is_literal", "is_multiline", "is_shown_once", "is_runtime", "is_buildtime")
_FORBIDDEN = 403


def value(calls: Calls, uuid: str, key: str) -> Secret | None:
    """Return a variable's value; None where there is no such variable.

    Raises:
        RefusedError: it may not be read.
    """
    row = _row(calls, uuid, key)
    if row is None:
        return None
    found = row.get("value")
    if found is None or settings.is_on(row.get("is_shown_once")) or records.is_redacted(found):
        is_locked = settings.is_on(row.get("is_shown_once"))
        why = "it is locked: nobody may read it" if is_locked else "the token lacks the ability read:sensitive"
        hint = (
            "in Coolify: delete the variable and set it again, unlocked"
            if is_locked
            else "make a token with read, read:sensitive, write and deploy"
        )
        raise RefusedError("variable-hidden", f"{key} may not be read", where=uuid, why=why, hint=hint)
    return Secret(key, str(found))


def change(calls: Calls, uuid: str, key: str, wanted: Secret) -> None:
    """Set a variable's value, and read it back.

    Raises:
        RefusedError: there is no such variable, it would be read as another value, or Coolify does not keep it.
        AnswerLostError: no answer came, and what is read back is not it.
    """
    row = _row(calls, uuid, key)
    if row is None:
        hint = f"in Coolify: set {key} of the application"
        raise RefusedError("variable-unknown", f"Coolify knows no variable {key}", where=uuid, hint=hint)
    if "$" in wanted.reveal() and not settings.is_on(row.get("is_literal")):
        hint = f"in Coolify: mark {key} as literal"
        message = f"{key} holds a $ and is not marked literal: what follows it would be replaced"
        raise RefusedError("variable-not-literal", message, where=uuid, hint=hint)
    flags = {name: settings.is_on(row[name]) for name in _FLAGS if row.get(name) is not None}
    body = {"key": key, "value": wanted.reveal(), "is_preview": False, **flags}
    lost: AnswerLostError | None = None
    try:
        calls.good(endpoints.CHANGE_VARIABLE, uuid, body)
    except AnswerLostError as error:
        lost = error
    kept = value(calls, uuid, key)
    if kept is None or kept.reveal() != wanted.reveal():
        raise lost or RefusedError("variable-not-kept", f"Coolify took {key} and keeps another value", where=uuid)


def _row(calls: Calls, uuid: str, key: str) -> Mapping[str, Any] | None:
    """Return the row of a variable as production containers are handed it; None where there is none."""
    answer = calls.any(endpoints.VARIABLES, uuid)
    if answer.status == _FORBIDDEN:
        message = "the token may not read variables"
        raise RefusedError("variable-hidden", message, where=uuid, hint="give it read and read:sensitive")
    body = calls.judged(answer, endpoints.VARIABLES, uuid).body
    with calls.understood(endpoints.VARIABLES, uuid):
        return next((row for row in records.production(body) if row.get("key") == key), None)
