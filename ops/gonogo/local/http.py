"""The local stack's HTTP as a client, through the toolkit's one door to the library."""

import ssl
from collections.abc import Mapping
from typing import Any, Self

from gonogo.adapters import http
from gonogo.local.errors import StackError

AsyncClient = http.AsyncClient
HTTPError = http.HTTPError
Response = http.Response
Limits = http.Limits


class JsonClient:
    """Calls that send and get JSON, to one server."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Remember the server; nothing is sent yet."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = http.Client(
            base_url=url,
            headers={"Accept": "application/json", **bearer},
            timeout=30,
            trust_env=False,
            # Everything here is plain HTTP on loopback: a context that trusts nobody is made ten times as fast.
            verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        )

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection."""
        self._client.close()

    def call(self, method: str, path: str, *, body: Mapping[str, Any] | None = None) -> Any:  # JSON
        """Return the answer's JSON.

        Raises:
            StackError: no answer, or one that is not a success.
        """
        try:
            answer = self._client.request(method, path, json=body)
        except http.HTTPError as error:
            raise StackError(
                "stack-no-answer", f"{method} {path}: {type(error).__name__}", hint="invoke stack.logs"
            ) from error
        if not answer.is_success:
            text = answer.text[:300]
            raise StackError("stack-refused", f"{method} {path}: {answer.status_code} {text}", hint="invoke stack.logs")
        return answer.json() if answer.content else None

    def look(self, path: str) -> Any:  # JSON
        """Return the JSON of a GET that succeeds; None for anything else, also for no answer."""
        try:
            return self.call("GET", path)
        except (StackError, ValueError):
            return None

    def words(self, path: str) -> str:
        """Return what a GET answers in words, whatever it is: its status and how the answer begins."""
        try:
            answer = self._client.request("GET", path)
        except http.HTTPError as error:
            return type(error).__name__
        return f"{answer.status_code} {answer.text[:300]}"
