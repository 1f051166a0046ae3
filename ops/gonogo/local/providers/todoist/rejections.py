"""Todoist's errors, in the one form that REST and the Sync endpoint share."""

from typing import Any


class Rejected(Exception):  # noqa: N818  # it is an answer
    """Todoist says no.

    Attributes:
        status: the HTTP status, where it is the whole answer.
        form: the error as JSON.
    """

    def __init__(self, status: int, tag: str, *, code: int, text: str, **extra: Any) -> None:  # JSON
        """Take the parts of the form.

        Args:
            status: `http_code`.
            tag: `error_tag`.
            code: `error_code`.
            text: `error`, for people.
            extra: `error_extra`.
        """
        super().__init__(text)
        self.status = status
        self.form: dict[str, Any] = {
            "error": text,
            "error_code": code,
            "error_extra": extra,
            "error_tag": tag,
            "http_code": status,
        }


def not_found(what: str) -> Rejected:
    """Return what a missing object answers."""
    return Rejected(404, "NOT_FOUND", code=478, text=f"{what} not found")


def invalid(argument: str, why: str) -> Rejected:
    """Return what a wrong argument answers."""
    text = "Invalid argument value"
    return Rejected(400, "INVALID_ARGUMENT_VALUE", code=20, text=text, argument=argument, explanation=why)


def missing(argument: str) -> Rejected:
    """Return what a missing argument answers."""
    return Rejected(400, "ARGUMENT_MISSING", code=19, text="Required argument is missing", argument=argument)


def bad_temp_id() -> Rejected:
    """Return what a temporary id that nothing has got answers."""
    return Rejected(400, "INVALID_TEMPID", code=16, text="Invalid temporary id")


def bad_token() -> Rejected:
    """Return what somebody unknown gets."""
    return Rejected(401, "AUTH_INVALID_TOKEN", code=401, text="Invalid token", access_type="none")


def too_many(retry_after: int) -> Rejected:
    """Return what somebody gets who asks too often; `retry_after` in seconds."""
    text = "Too many requests. Limits reached. Try again later"
    return Rejected(429, "LIMITS_REACHED", code=35, text=text, retry_after=retry_after)


def gone() -> Rejected:
    """Return what the versions before this one answer."""
    return Rejected(410, "GONE", code=410, text="This endpoint is deprecated. Please use the API v1")
