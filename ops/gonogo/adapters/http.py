"""HTTP. The toolkit's only import of httpx: changing over to another client is one line (docs/adr)."""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from gonogo.errors import AnswerLostError, RefusedError, UnreachableError

AsyncClient = httpx.AsyncClient
Client = httpx.Client
HTTPError = httpx.HTTPError
Limits = httpx.Limits
Response = httpx.Response


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer.

    Attributes:
        body: the parsed JSON; None when the body is not JSON.
        ms: time to the whole answer, milliseconds.
    """

    status: int
    text: str
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    ms: float = 0.0


@contextmanager
def understanding(what: str, *, where: str) -> Iterator[None]:
    """Read an answer's body inside; one of another shape is refused in words.

    Args:
        what: whose answer it should look like.
        where: the URL that was asked.

    Raises:
        RefusedError: a field is missing or of another kind; something else may stand between us and who was asked.
    """
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        hint = f"see what answers there: curl -i {where}"
        raise RefusedError("answer-odd", f"the answer does not look like {what}", where=where, hint=hint) from None


class Http:
    """Requests to one base URL. Redirects are not followed, nothing is retried, no connection is kept."""

    def __init__(self, base_url: str, *, token: str, timeout_s: float) -> None:
        """Prepare; nothing is contacted yet."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        headers = {"Accept": "application/json", "User-Agent": "gonogo", **bearer}
        self._client = Client(
            base_url=base_url.rstrip("/"),
            headers=headers,
            timeout=timeout_s,
            follow_redirects=False,
            trust_env=False,
            verify=_tls(),
            limits=Limits(max_keepalive_connections=0),
        )
        self.base_url = base_url

    def request(
        self, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and return its answer, whatever its status.

        Raises:
            UnreachableError: it cannot have had an effect: no connection was made, or it only asked.
            AnswerLostError: it changes something, went out, and no answer came.
        """
        try:
            response = self._client.request(method, path, json=body, headers=headers)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise UnreachableError("unreachable", self._said(error), where=self.base_url) from None
        except HTTPError as error:
            kind = UnreachableError if method == "GET" else AnswerLostError
            raise kind("no-answer", self._said(error), where=self.base_url) from None
        return _answer(response)

    def _said(self, error: HTTPError) -> str:
        """Return why no answer came; the URL's host, never a header."""
        return f"{self._client.base_url.host}:{self._client.base_url.port or ''} {type(error).__name__}".replace(
            ": ", " "
        )


def _answer(response: Response) -> Answer:
    """Return a response as our record."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    ms = response.elapsed.total_seconds() * 1000
    return Answer(status=response.status_code, text=response.text, body=body, headers=response.headers, ms=ms)


@cache
def _tls() -> ssl.SSLContext:
    """Return one TLS context for all clients: making one takes longer than a request."""
    return ssl.create_default_context()
