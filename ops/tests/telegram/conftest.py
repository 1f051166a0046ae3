"""A service that takes deliveries as ours does, and Telegram's stand-in."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from gonogo.adapters.clock import SystemClock
from gonogo.adapters.http import Answer, Http
from gonogo.adapters.telegram import HttpWebhook, TelegramApi
from gonogo.model import Secret, WebhookWish
from gonogo.telegram import Line

TOKEN = "4711:hunter2-token"
SECRET, OLD_SECRET = "hunter2-new", "hunter2-old"
PATH = "/v1/integrations/telegram/webhook"


@dataclass(kw_only=True, slots=True)
class Service:
    """A webhook: what it takes, and what it got.

    Attributes:
        secrets: what must be shown; none is a service without a bot.
        status: what a delivery with a good secret is answered with.
        is_open: whether it takes anything from anybody.
    """

    url: str = ""
    secrets: set[str] = field(default_factory=lambda: {SECRET, OLD_SECRET})
    status: int = 200
    is_open: bool = False
    got: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, shown: str | None, body: bytes) -> int:
        """Return the status of a delivery."""
        if self.is_open:
            return self.status
        if not self.secrets:
            return 404
        if shown not in self.secrets:
            return 401
        self.got.append(json.loads(body))
        return self.status


@pytest.fixture
def service() -> Iterator[Service]:
    """Return a webhook on a free port."""
    service = Service()

    class _Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = service.answer(self.headers.get("X-Telegram-Bot-Api-Secret-Token"), body)
            self.send_response(status if self.path == PATH else 404)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield service
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def standin(telegram_url: str) -> Callable[..., Answer]:
    """Return what tells the stand-in how to be; it delivers again quickly."""
    http = Http(telegram_url, token="", timeout_s=15)

    def tell(method: str, endpoint: str, /, **fields: object) -> Answer:
        answer = http.request(method, f"/__standin__/{endpoint}", body=fields or None)
        assert answer.status == 200, answer.text
        return answer

    tell("POST", "settings", webhook_pause_s=0, time_scale=0.01)
    return tell


@pytest.fixture
def line(telegram_url: str, service: Service, standin: Callable[..., Answer]) -> Line:
    """Return what stands between the stand-in and the service."""
    door = HttpWebhook(service.url, PATH, timeout_s=5)
    return Line(
        api=TelegramApi(telegram_url, Secret("TELEGRAM_BOT_TOKEN", TOKEN), timeout_s=5),
        door=door,
        clock=SystemClock(),
        wish=WebhookWish(url=door.url, secret=SECRET, allowed_updates=("message",)),
        accepted=(SECRET, OLD_SECRET),
        bot="@standin_4711_bot",
    )
