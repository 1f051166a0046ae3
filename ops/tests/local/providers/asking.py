"""What the stand-ins' tests ask with."""

import http.server
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

_DEADLINE_S = 60.0
# Everything here is plain HTTP on loopback: a context that trusts nobody is made ten times as fast.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def send(method: str, url: str, **options: Any) -> httpx.Response:
    """Return the answer to one request, whatever it says."""
    return httpx.request(method, url, verify=PLAIN, trust_env=False, **{"timeout": 60, **options})


def arrange(url: str, action: str, /, **given: Any) -> dict[str, Any]:
    """Call one of a stand-in's own endpoints, and return what it says."""
    answer = send("POST", f"{url}/__standin__/{action}", json=given)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def look(url: str, name: str, **query: str) -> dict[str, Any]:
    """Return what a stand-in says about itself."""
    return dict(send("GET", f"{url}/__standin__/{name}", params=query).json())


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so; fail when it never is."""
    ends = time.monotonic() + _DEADLINE_S
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


@dataclass(slots=True)
class Receiver:
    """A webhook's receiver.

    Attributes:
        url: where it listens.
        answers: status and body of the answers to come; then 200 with nothing.
        came: secret and update of each request.
    """

    url: str = ""
    answers: list[tuple[int, bytes]] = field(default_factory=list)
    came: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Return a receiver that listens on loopback."""
    receiver = Receiver()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the library's name
            body = self.rfile.read(int(self.headers["content-length"]))
            secret = self.headers.get("X-Telegram-Bot-Api-Secret-Token")
            receiver.came.append((secret, httpx.Response(200, content=body).json()))
            status, said = receiver.answers.pop(0) if receiver.answers else (200, b"")
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        server.shutdown()
        thread.join()
