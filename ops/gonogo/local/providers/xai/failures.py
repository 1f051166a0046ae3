"""xAI's errors: flat, with a code that does not always tell them apart."""

from collections.abc import Mapping

from starlette.responses import Response

from gonogo.local.providers import wire

_TEAM = "00000000-0000-4000-8000-000000000001"
_INVALID = "Client specified an invalid argument"
_EXHAUSTED = "resource-exhausted"


class Failed(Exception):  # noqa: N818  # it is an answer
    """XAI says no.

    Attributes:
        status: the HTTP status.
        headers: more headers of the answer.
    """

    def __init__(self, status: int, code: str, text: str, headers: Mapping[str, str] | None = None) -> None:
        """Take the parts of the form."""
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.headers = dict(headers or {})

    def answer(self) -> Response:
        """Return it as it goes over the wire."""
        return wire.answer({"code": self.code, "error": self.text}, self.status, self.headers)


def invalid(why: str) -> Failed:
    """Return what a wrong argument answers."""
    return Failed(400, _INVALID, why)


def wrong_key(key: str) -> Failed:
    """Return what a wrong key answers: 400, with a fragment of it."""
    text = f"Incorrect API key provided: {key[:2]}***{key[-2:]}. You can obtain an API key from https://console.x.ai."
    return Failed(400, _INVALID, text)


def no_credentials() -> Failed:
    """Return what a request without a key answers."""
    return Failed(401, "unauthenticated:no-credentials", "No credentials provided")


def denied(why: str = "Your API key or team is blocked, or lacks the permission for this endpoint.") -> Failed:
    """Return what a key that may not gets."""
    return Failed(403, "permission-denied", why)


def not_found(what: str) -> Failed:
    """Return what a model or an object that there is not answers."""
    return Failed(404, "not-found", f"{what} does not exist or your team does not have access to it.")


def rate_limited(retry_after: str = "") -> Failed:
    """Return what a team gets that asks too often; it may try again."""
    text = f"Too many requests for team {_TEAM} and model grok-4.7. Requests per Minute (actual/limit): 61/60"
    return Failed(429, _EXHAUSTED, text, {"Retry-After": retry_after} if retry_after else None)


def out_of_credits() -> Failed:
    """Return what a team without credits gets; only the text tells it from the rate."""
    text = f"Your team {_TEAM} has either used all available credits or reached its monthly spending limit."
    return Failed(429, _EXHAUSTED, text)


def broken(status: int = 500) -> Failed:
    """Return what a fault of theirs answers."""
    return Failed(status, "internal", "Internal error encountered.")
