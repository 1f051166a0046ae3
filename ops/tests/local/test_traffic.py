"""Traffic counts what a client would see: nothing is tried twice, nothing that fails is hidden."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gonogo.local import ports, samples, traffic
from gonogo.local.samples import Sample
from gonogo.local.waiting import until
from tests.local.conftest import python

SECRET = "secret"


class Service(BaseHTTPRequestHandler):
    """A service that fails each third read."""

    protocol_version = "HTTP/1.1"
    reads = 0

    def do_POST(self) -> None:
        """Take a thought."""
        self.rfile.read(int(self.headers["content-length"]))
        known = self.headers["authorization"] == f"Bearer {SECRET}"
        self._answer(201 if known else 401, b'{"thought_id": "1"}')

    def do_GET(self) -> None:
        """Give one back, sometimes."""
        type(self).reads += 1
        self._answer(503 if self.reads % 3 == 0 else 200, b"{}")

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-commit", "abc")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def service() -> Iterator[str]:
    """Run the service and give its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def run(url: str, output: Path, *, token: str = SECRET, count: int = 30) -> list[Sample]:
    """Send until so many requests were answered, and return them."""
    running = traffic.start(traffic.TrafficPlan(url=url, token=token, output=output, rate=200))
    until(lambda: len(running.samples()) >= count, "traffic", seconds=60)
    summary = running.stop()
    assert summary.total == len(running.samples())
    return running.samples()


def test_every_unexpected_answer_is_a_failure(tmp_path: Path) -> None:
    """Each 503 is counted once; captures and reads both run; the commit is written down."""
    with service() as url:
        found = run(url, tmp_path / "out")
    assert {sample.error for sample in found} == {None, "status 503"}
    assert {sample.kind for sample in found} == {"capture", "read"}
    assert {sample.commit for sample in found} == {"abc"}
    assert samples.summarise(found).failed == sum(sample.status == 503 for sample in found)


def test_a_refused_token_is_a_failure(tmp_path: Path) -> None:
    """401 is not the answer that was asked for."""
    with service() as url:
        found = run(url, tmp_path / "out", token="wrong")
    assert {sample.error for sample in found} == {"status 401"}


def test_nobody_there_is_a_failure(tmp_path: Path) -> None:
    """A refused connection has no status, and a name."""
    found = run(f"http://127.0.0.1:{ports.reserve()}", tmp_path / "out")
    assert {(sample.status, sample.error) for sample in found} == {(None, "ConnectError")}


def test_it_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    """Kill -9 of the starter leaves no traffic."""
    code = (
        "import sys, pathlib, time\n"
        "from gonogo.local import traffic\n"
        "plan = traffic.TrafficPlan(url=sys.argv[1], token='x', output=pathlib.Path(sys.argv[2]))\n"
        "print(traffic.start(plan).pid, flush=True); time.sleep(600)\n"
    )
    starter = python(code, f"http://127.0.0.1:{ports.reserve()}", str(tmp_path / "out"))
    assert starter.stdout
    pid = int(starter.stdout.readline())
    until(lambda: samples.read(tmp_path / "out"), "traffic", seconds=60)
    os.kill(starter.pid, signal.SIGKILL)
    starter.communicate()
    until(lambda: _is_gone(pid), "the end of the traffic", seconds=60)


def test_a_line_that_is_being_written_is_left_out(tmp_path: Path) -> None:
    """Reading while it runs never meets half an object, also from where the last look ended."""
    sample = Sample(t=1.0, ms=2.0, kind="read", status=200, error=None, commit=None)
    path = tmp_path / "out"
    path.write_text(samples.line(sample) + '{"t": 2')
    requests, offset = samples.requests_from(path, 0)
    assert samples.read(path) == [sample]
    assert (len(requests), samples.requests_from(path, offset)) == (1, ((), offset))


@pytest.mark.parametrize(("count", "p50", "p95"), [(0, 0.0, 0.0), (1, 1.0, 1.0), (100, 50.0, 95.0)])
def test_percentiles_are_real_samples(count: int, p50: float, p95: float) -> None:
    """No percentile is a time that nobody waited."""
    found = [Sample(t=n, ms=n, kind="read", status=200, error=None, commit=None) for n in range(1, count + 1)]
    summary = samples.summarise(found)
    assert (summary.total, summary.p50_ms, summary.p95_ms) == (count, p50, p95)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True
