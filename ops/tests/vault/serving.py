"""A real S3 server of this process, with faults."""

import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

_DENIED = (
    b"<?xml version='1.0' encoding='UTF-8'?><Error><Code>%b</Code><Message>no</Message><RequestId>1</RequestId></Error>"
)
Start = Callable[..., Any]


@dataclass
class Faults:
    """What a server does wrong; nothing at first.

    Attributes:
        refuses: by the request's method, S3's word for why.
        away: whether it answers 503 to everything.
    """

    refuses: dict[str, str] = field(default_factory=dict)
    away: bool = False


@dataclass(frozen=True, slots=True)
class Server:
    """A real S3 server of this process."""

    url: str
    faults: Faults


@contextmanager
def running() -> Iterator[Server]:
    """Yield a server that is gone afterwards."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    faults, real = Faults(), DomainDispatcherApplication(create_backend_app)

    def answer(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        word = "DELETE" if "delete" in environ.get("QUERY_STRING", "").split("&") else method
        if faults.away or word in faults.refuses:
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start("503 Away" if faults.away else "403 Forbidden", [("Content-Type", "application/xml")])
            return [b"" if faults.away else _DENIED % faults.refuses[word].encode()]
        found: Iterable[bytes] = real(environ, start)
        return found

    server = make_server("127.0.0.1", 0, answer, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Server(f"http://127.0.0.1:{server.server_port}", faults)
    server.shutdown()
    thread.join()
    server.server_close()


def create_bucket(server: Server, name: str) -> None:
    """Make a bucket."""
    address = urlsplit(server.url)
    connection = HTTPConnection(address.netloc)
    connection.request("PUT", f"/{name}", headers={"Content-Length": "0"})
    assert connection.getresponse().status == 200
    connection.close()
