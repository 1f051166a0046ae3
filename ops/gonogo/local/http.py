"""The local stack's one door to HTTP as a client.

Only this module names the client library, so that another one is a change of one page.
"""

from collections.abc import Mapping
from typing import Any, Self

import httpx

from gonogo.local.errors import StackError

AsyncClient = httpx.AsyncClient
HTTPError = httpx.HTTPError
Response = httpx.Response
Limits = httpx.Limits


class JsonClient:
    """Calls that send and get JSON, to one server."""

    def __init__(self, url: str, token: str | None = None) -> None:
        """Remember the server; nothing is sent yet."""
        bearer = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx.Client(
            base_url=url,
            headers={"Accept": "application/json", **bearer},
            timeout=30,
            trust_env=False,
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
        except httpx.HTTPError as error:
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
