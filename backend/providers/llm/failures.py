"""Which kind of failure an answer with another status than 200 is.

Source: the provider's bodies are flat, `{"code": …, "error": …}`, or plain text, or a gateway's page. A wrong key is
400, a blocked one 403; 429 is both "slow down" and "no credit", and only the text tells which.
"""

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from backend.providers.http import Answer
from backend.providers.llm.errors import ProviderError, Reason

_READ_BYTES = 4_000
_KEY = re.compile(r"(incorrect|invalid|no|missing)\s+(api[ _-]?key|credentials)|unauthenticated")
_CREDIT = re.compile(r"credit|spending limit|usage quota|billing")
_BY_STATUS: dict[int, Reason] = {
    HTTPStatus.UNAUTHORIZED: "auth",
    HTTPStatus.FORBIDDEN: "auth",
    HTTPStatus.PAYMENT_REQUIRED: "quota",
    HTTPStatus.TOO_MANY_REQUESTS: "rate limited",
    HTTPStatus.REQUEST_TIMEOUT: "unavailable",
    HTTPStatus.TOO_EARLY: "unavailable",
}
_SPLIT_BY_CREDIT = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.FORBIDDEN})


def failure_of(answer: Answer, *, now: datetime) -> ProviderError:
    """Return what went wrong, in our words.

    Args:
        answer: Its status is not 200.
        now: Aware; a pause may be given as a date.
    """
    return ProviderError(_reason(answer), retry_after_s=_pause_s(answer.headers.get("retry-after", ""), now))


def _reason(answer: Answer) -> Reason:
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR or _is_page(answer):
        return "unavailable"
    text = answer.content[:_READ_BYTES].decode("utf-8", "replace").lower()
    if answer.status in _SPLIT_BY_CREDIT and _CREDIT.search(text):
        return "quota"
    if answer.status == HTTPStatus.BAD_REQUEST and _KEY.search(text):
        return "auth"
    return _BY_STATUS.get(answer.status, "rejected")


def _is_page(answer: Answer) -> bool:
    return answer.headers.get("content-type", "").lower().startswith("text/html")


def _pause_s(text: str, now: datetime) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        seconds = _until(text, now)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _until(text: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(text)
        return (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return math.nan
