"""Telegram's errors, in their one form."""

from typing import Any


class Failed(Exception):  # noqa: N818  # it is an answer
    """Telegram says no.

    Attributes:
        status: the HTTP status, which is `error_code` too.
        form: the error as JSON.
    """

    def __init__(self, status: int, description: str, **parameters: int) -> None:
        """Take the parts of the form."""
        super().__init__(description)
        self.status = status
        self.form: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
        if parameters:
            self.form["parameters"] = parameters


def bad_request(why: str) -> Failed:
    """Return what a wrong request answers."""
    return Failed(400, f"Bad Request: {why}")


def forbidden(why: str) -> Failed:
    """Return what a bot gets that may not."""
    return Failed(403, f"Forbidden: {why}")


def too_many(retry_after: int) -> Failed:
    """Return what a bot gets that is too fast; `retry_after` in seconds."""
    return Failed(429, f"Too Many Requests: retry after {retry_after}", retry_after=retry_after)


def malformed_token() -> Failed:
    """Return what a text that is no token gets."""
    return Failed(401, "Unauthorized: invalid token specified")


def unauthorized() -> Failed:
    """Return what a revoked token gets."""
    return Failed(401, "Unauthorized")


def no_such_method() -> Failed:
    """Return what a method that there is not answers."""
    return Failed(404, "Not Found: method not found")
