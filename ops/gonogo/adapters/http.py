"""HTTP. The toolkit's only import of httpx: changing over to another client is one line (docs/adr)."""

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import httpx

from gonogo.errors import AnswerLostError, ConfigurationError, RefusedError, UnreachableError

AsyncClient = httpx.AsyncClient
Client = httpx.Client
HTTPError = httpx.HTTPError
Limits = httpx.Limits
Response = httpx.Response
# What a token may be made of.
_HEADER = re.compile(r"[!-~]*")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """An HTTP answer.

    Attributes:
        body: the parsed JSON; None when the body is not JSON.
        ms: time to the whole answer, milliseconds.
    """

    status: int
    text: str = field(repr=False)
    body: Any = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
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
        """Prepare; nothing is contacted yet.

        Raises:
            ConfigurationError: the token holds what no header can carry.
        """
        if not _HEADER.fullmatch(token):
            problem = f"the token for {shown(base_url)}: it holds a space, a line break or a letter that no token has"
            raise ConfigurationError("token-malformed", "a token cannot be sent as it is", problems=(problem,))
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
        self.base_url = shown(base_url)

    def request(
        self, method: str, path: str, *, body: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send one request and return its answer, whatever its status.

        Raises:
            UnreachableError: it cannot have had an effect: no connection was made, or it only asked.
            AnswerLostError: it changes something, went out, and no answer came.
        """
        try:
            return _answer(self._client.request(method, path, json=body, headers=headers))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            failure = UnreachableError("unreachable", self._said(error), where=self.base_url)
        except HTTPError as error:
            kind = UnreachableError if method == "GET" else AnswerLostError
            failure = kind("no-answer", self._said(error), where=self.base_url)
        raise failure  # out here, so that it does not carry the library's error, and with it the request's headers

    def _said(self, error: HTTPError) -> str:
        """Return why no answer came; the URL's host, never a header."""
        why = f": {error}" if isinstance(error, httpx.ConnectError) else ""
        return f"{self._client.base_url.host}:{self._client.base_url.port or ''} {type(error).__name__}{why}".replace(
            ": ", " ", 1
        )


def shown(url: str) -> str:
    """Return a URL without the user and password that it may hold."""
    return re.sub(r"(?<=://)[^/@]*@", "", url)


def _answer(response: Response) -> Answer:
    """Return a response as our record."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        body = None
    ms = response.elapsed.total_seconds() * 1000
    # Not by the charset that is told: one that does not fit would be an error after the request had its effect.
    text = response.content.decode(errors="replace")
    return Answer(status=response.status_code, text=text, body=body, headers=response.headers, ms=ms)


@cache
def _tls() -> ssl.SSLContext:
    """Return one TLS context for all clients: making one takes longer than a request."""
    return ssl.create_default_context()
