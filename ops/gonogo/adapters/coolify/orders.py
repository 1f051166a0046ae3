"""What Coolify answered to `POST /deploy` for one application: an id to look up, a refusal, or nothing to rely on."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gonogo.adapters.coolify import records
from gonogo.errors import AnswerLostError, GonogoError, RefusedError

# Words of an entry without an id, what the refusal is called, and what to do.
_REFUSALS = (
    (
        r"unauthori[sz]ed",
        "deploy-unauthorised",
        "the token's user needs to be admin or owner of the application's team",
    ),
    (
        r"^(service|database)\b",
        "deploy-not-an-application",
        "it was started anew; look at it in Coolify, and set the uuid of an application",
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    """What was said of one resource."""

    resource: str
    deployment: str
    message: str


def id_of(body: Any, uuid: str, shown: Callable[[str], str]) -> str:  # JSON
    """Return the id of the deployment that was asked for; of a repetition it is an invented one.

    Args:
        body: the answer to a request that named one application.
        uuid: the application.
        shown: makes what was said fit to be shown.

    Raises:
        RefusedError: nothing was queued.
        AnswerLostError: the answer does not say whether something was.
    """
    try:
        entries = _entries(body)
    except (TypeError, KeyError, AttributeError):
        entries = None
    if entries is None:
        raise _unclear("Coolify's answer does not look like one of its own", uuid)
    if not entries:
        raise RefusedError("deploy-refused", "Coolify queued no deployment; it said: nothing", where=uuid)
    said = shown("; ".join(each.message for each in entries)) or "nothing"
    ours = [each for each in entries if each.resource in {uuid, ""}]
    if len(ours) != 1 or len(entries) != 1:
        raise _unclear(f"Coolify answered for {len(entries)} resources and not for one; it said: {said}", uuid)
    if ours[0].deployment and _is_known(ours[0].message):
        return ours[0].deployment
    raise _refused(ours[0], uuid, said)


def _entries(body: Any) -> tuple[_Entry, ...]:  # JSON
    """Return the entries of an answer by uuid, or of one by tag."""
    if "deployments" in body:
        return tuple(_entry(row, row.get("message")) for row in records.rows(body["deployments"]))
    told = body["message"]
    message = "; ".join(str(each) for each in told) if isinstance(told, list) else told
    return tuple(_entry(row, message) for row in records.rows(body["details"]))


def _entry(row: Any, message: object) -> _Entry:  # JSON
    """Return one entry; what is missing is empty."""
    texts = (row.get("resource_uuid"), row.get("deployment_uuid"), message)
    resource, deployment, said = ("" if each is None else str(each).strip() for each in texts)
    return _Entry(resource=resource, deployment=deployment, message=said)


def _is_known(message: str) -> bool:
    """Return whether a message is one that comes with an id; none at all is only left out."""
    return not message or "queued" in message.lower()


def _refused(entry: _Entry, uuid: str, said: str) -> GonogoError:
    """Return the error of an entry that has no id, or one in words that nobody knows."""
    if entry.deployment:
        return _unclear(f"Coolify gave an id in words that are not known: {said}", uuid)
    if "already queued" in entry.message.lower():
        return _unclear(f"Coolify took the request for a repetition and gave no id: {said}", uuid)
    for words, reference, hint in _REFUSALS:
        if re.search(words, entry.message, re.IGNORECASE):
            return RefusedError(reference, f"Coolify queued no deployment; it said: {said}", where=uuid, hint=hint)
    return RefusedError("deploy-refused", f"Coolify queued no deployment; it said: {said}", where=uuid)


def _unclear(message: str, uuid: str) -> AnswerLostError:
    """Return the error of an answer that does not tell whether a deployment was queued."""
    why = "a deployment may have been queued: look for it before another is asked for"
    return AnswerLostError("deploy-unclear", message, where=uuid, why=why)
