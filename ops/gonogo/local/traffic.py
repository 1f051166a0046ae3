"""Steady traffic through the front, from a process of its own: `python -m gonogo.local.traffic <url> <rate> <file>`.

Open loop: each request is sent when it is due, whether or not the former ones were answered. Nothing is tried twice, so
nothing that fails is hidden. It ends when asked to, and when the process that started it has died.
"""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from gonogo.local import http, samples
from gonogo.local.samples import Sample, TrafficSummary

TOKEN_VARIABLE = "GONOGO_TRAFFIC_TOKEN"  # noqa: S105  # the variable's name
COMMIT_HEADER = "x-commit"
_TIMEOUT_S = 30.0
_STOP_SECONDS = 45.0
_READS_PER_CAPTURE = 2
_REMEMBERED = 100
_CREATED, _OK = 201, 200


@dataclass(frozen=True, kw_only=True, slots=True)
class TrafficPlan:
    """What to send.

    Attributes:
        url: the front.
        token: an API token; it reaches the process through its environment.
        output: gets one line per request.
        rate: requests a second.
    """

    url: str
    token: str = field(repr=False)
    output: Path
    rate: float = 60.0


class TrafficProcess:
    """Traffic that runs."""

    def __init__(self, child: subprocess.Popen[bytes], output: Path) -> None:
        """Take the process and the file that it writes."""
        self._child = child
        self.output = output

    @property
    def pid(self) -> int:
        """Return the process's id."""
        return self._child.pid

    def samples(self) -> list[Sample]:
        """Return what was sent and answered so far."""
        return samples.read(self.output)

    def stop(self) -> TrafficSummary:
        """Let open requests be answered, end the process, and return the counts; may be repeated."""
        if self._child.poll() is None:
            self._child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(_STOP_SECONDS)
            self._child.kill()
        self._child.wait()
        if self._child.stdin:
            self._child.stdin.close()
        return samples.summarise(self.samples())


def start(plan: TrafficPlan) -> TrafficProcess:
    """Start traffic in a process of its own."""
    plan.output.parent.mkdir(parents=True, exist_ok=True)
    plan.output.touch(mode=0o600)
    child = subprocess.Popen(
        (sys.executable, "-m", "gonogo.local.traffic", plan.url, str(plan.rate), str(plan.output)),
        env={**os.environ, TOKEN_VARIABLE: plan.token},
        # Nothing is ever written to it: its end tells the child that we are gone, however we went.
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    return TrafficProcess(child, plan.output)


class Sender:
    """Sends requests and writes down what came back."""

    def __init__(self, client: http.AsyncClient, write: Callable[[str], object]) -> None:
        """Take the client, and what takes a line."""
        self._client = client
        self._write = write
        self._thoughts: deque[str] = deque(maxlen=_REMEMBERED)
        self._numbers = itertools.count()

    async def send(self, due: float) -> None:
        """Send the next request.

        Args:
            due: when it is due, seconds since the epoch.
        """
        number = next(self._numbers)
        if self._thoughts and number % (_READS_PER_CAPTURE + 1):
            await self._read(due, self._thoughts[number % len(self._thoughts)])
        else:
            await self._capture(due, f"thought {number}")

    async def _capture(self, due: float, text: str) -> None:
        answer = await self._exchange(due, "capture", request=("POST", "/v1/capture/thought", {"text": text}))
        if answer is not None:
            self._thoughts.append(answer.json()["thought_id"])

    async def _read(self, due: float, thought: str) -> None:
        await self._exchange(due, "read", request=("GET", f"/v1/thoughts/{thought}", None))

    async def _exchange(
        self, due: float, kind: str, *, request: tuple[str, str, dict[str, str] | None]
    ) -> http.Response | None:
        """Return the answer when it is the expected one."""
        method, path, body = request
        expected = _CREATED if kind == "capture" else _OK
        answer, error = None, None
        try:
            answer = await self._client.request(method, path, json=body)
        except http.HTTPError as failure:
            error = type(failure).__name__
        if answer is not None and answer.status_code != expected:
            error = f"status {answer.status_code}"
        self._write(samples.line(_sample(due, kind, answer=answer, error=error)))
        return None if error else answer


def _sample(due: float, kind: str, *, answer: http.Response | None, error: str | None) -> Sample:
    over = time.time()
    return Sample(
        t=round(over, 4),
        ms=round((over - due) * 1000, 2),
        kind=kind,
        status=answer.status_code if answer is not None else None,
        error=error,
        commit=answer.headers.get(COMMIT_HEADER) if answer is not None else None,
    )


def main() -> int:
    """Send until asked to stop."""
    url, rate, output = sys.argv[1:]
    asyncio.run(_run(url, float(rate), output=Path(output)))
    return 0


async def _run(url: str, rate: float, *, output: Path) -> None:
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, ended.set)
    loop.add_signal_handler(signal.SIGINT, ended.set)
    loop.add_reader(sys.stdin.fileno(), ended.set)
    client = http.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {os.environ[TOKEN_VARIABLE]}"},
        timeout=_TIMEOUT_S,
        limits=http.Limits(max_connections=None, max_keepalive_connections=None),
        trust_env=False,
    )
    async with client:
        with output.open("a", buffering=1, encoding="utf-8") as file:
            await _send_until(ended, rate, sender=Sender(client, file.write))


async def _send_until(ended: asyncio.Event, rate: float, *, sender: Sender) -> None:
    started, open_requests = time.time(), set[asyncio.Task[None]]()
    for number in itertools.count():
        due = started + number / rate
        with suppress(TimeoutError):
            await asyncio.wait_for(ended.wait(), max(0.0, due - time.time()))
            break
        task = asyncio.create_task(sender.send(due))
        open_requests.add(task)
        task.add_done_callback(open_requests.discard)
    await asyncio.gather(*open_requests)


if __name__ == "__main__":
    sys.exit(main())
