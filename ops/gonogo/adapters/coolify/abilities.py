"""What a token may do, found out with calls that change nothing.

Coolify has no way to ask. Each call is refused for another reason once the ability is there: a GET where a POST is
wanted, an empty change.
"""

from gonogo.adapters.coolify import endpoints, records, refusals, settings
from gonogo.adapters.coolify.calls import Calls
from gonogo.adapters.coolify.endpoints import Endpoint

_PROBES: tuple[tuple[str, Endpoint, object], ...] = (
    ("read", endpoints.APPLICATION, None),
    ("deploy", endpoints.MAY_DEPLOY, None),
    ("write", endpoints.CHANGE_APPLICATION, {}),
)
_SAY_NOTHING = {400, 404, 405, 409, 422}


def missing(calls: Calls, app_uuid: str) -> tuple[str, ...]:
    """Return the abilities that a release needs and the token lacks.

    Raises:
        ConfigurationError: it is refused for a cause that is no ability.
    """
    return tuple(name for name, endpoint, body in _PROBES if _lacks(calls, app_uuid, endpoint, body))


def missing_optional(calls: Calls, app_uuid: str) -> tuple[str, ...]:
    """Return `read:sensitive` when values of variables are held back; that cannot be told where there are none."""
    answer = calls.any(endpoints.VARIABLES, app_uuid)
    if refusals.needed(answer):
        return ("read:sensitive",)
    calls.judged(answer, endpoints.VARIABLES, app_uuid)
    with calls.understood(endpoints.VARIABLES, app_uuid):
        open_rows = [row for row in records.rows(answer.body) if not settings.is_on(row.get("is_shown_once"))]
    return ("read:sensitive",) if any("value" not in row for row in open_rows) else ()


def _lacks(calls: Calls, app_uuid: str, endpoint: Endpoint, body: object) -> bool:
    """Return whether a call is refused for want of its ability."""
    answer = calls.any(endpoint, app_uuid, body)
    if refusals.needed(answer):
        return True
    if answer.status not in _SAY_NOTHING:
        calls.judged(answer, endpoint, app_uuid)
    return False
