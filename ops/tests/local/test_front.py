"""The front passes requests on as they are, in turn, and loses none when a container leaves."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from gonogo.local import ports
from gonogo.local.coolify.front import Front
from gonogo.local.coolify.rotation import Rotation, Upstream
from gonogo.local.coolify.upstream import probe
from gonogo.local.serving import Serving


class Backend:
    """A container's HTTP side: it echoes, and can be held."""

    def __init__(self, name: str) -> None:
        """Take a name to answer with."""
        self.name = name
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()
        every = ["GET", "POST", "PUT", "DELETE", "HEAD"]
        routes = [Route("/held", self.held), Route("/bad", self.bad), Route("/{path:path}", self.echo, methods=every)]
        self.app = Starlette(routes=routes)

    async def echo(self, request: Request) -> StreamingResponse:
        """Give back what came, in parts."""
        body = await request.body()
        parts = (body[start : start + 1000] for start in range(0, len(body), 1000))
        seen = {"x-name": self.name, "x-target": str(request.url.path) + "?" + request.url.query}
        return StreamingResponse(_each(parts), 203, headers={**seen, "x-host": request.headers["host"]})

    async def held(self, _: Request) -> PlainTextResponse:
        """Answer when told."""
        self.entered.set()
        await self.go_on.wait()
        return PlainTextResponse(self.name)

    async def bad(self, _: Request) -> PlainTextResponse:
        """Say that something is wrong."""
        return PlainTextResponse("bad", 503)


async def _each(parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


@dataclass
class Scene:
    """A front with nothing behind it yet."""

    rotation: Rotation
    client: httpx.AsyncClient
    open: list[Serving]

    async def add(self, name: str) -> tuple[Backend, Upstream]:
        """Put a backend behind the front."""
        backend, listener = Backend(name), ports.listen(0)
        upstream = Upstream(port=listener.getsockname()[1])
        serving = Serving(backend.app, listener, drain_seconds=60)
        await serving.started()
        self.open.append(serving)
        self.rotation.add(upstream)
        return backend, upstream


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    """Return a front."""
    async with _scene() as made:
        yield made


@asynccontextmanager
async def _scene() -> AsyncIterator[Scene]:
    rotation, listener = Rotation(), ports.listen(0)
    front = Serving(Front(rotation), listener, drain_seconds=60)
    await front.started()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
        made = Scene(rotation, client, [front])
        yield made
    for serving in made.open:
        await serving.close()


async def test_nobody_behind_it_is_502(scene: Scene) -> None:
    """Without a container every request is told so at once."""
    answer = await scene.client.get("/")
    assert (answer.status_code, answer.text) == (502, "no container is ready")


async def test_a_container_that_is_gone_is_502(scene: Scene) -> None:
    """A refused connection is not hidden by a second try."""
    scene.rotation.add(Upstream(port=ports.reserve()))
    assert (await scene.client.get("/")).status_code == 502


async def test_a_request_arrives_as_it_was_sent(scene: Scene) -> None:
    """Method, path, query, host and body, and the answer's status and headers, are the same."""
    await scene.add("one")
    answer = await scene.client.post("/a%20b?c=%2F", content=b"body")
    assert (answer.status_code, answer.content) == (203, b"body")
    assert answer.headers["x-target"] == "/a b?c=%2F"
    assert answer.headers["x-host"] == scene.client.base_url.netloc.decode()


async def test_a_body_without_a_length_is_streamed(scene: Scene) -> None:
    """Chunks go in and come out."""
    await scene.add("one")

    async def parts() -> AsyncIterator[bytes]:
        for number in range(50):
            yield str(number).encode() * 1000

    answer = await scene.client.post("/", content=parts())
    assert len(answer.content) == sum(len(str(number)) * 1000 for number in range(50))


async def test_a_head_request_has_no_body(scene: Scene) -> None:
    """HEAD ends where its headers end, and the connection can be used again."""
    await scene.add("one")
    assert (await scene.client.head("/")).content == b""
    assert (await scene.client.get("/")).status_code == 203


async def test_containers_take_turns(scene: Scene) -> None:
    """Two containers get every second request."""
    await scene.add("one")
    await scene.add("two")
    names = [(await scene.client.get("/")).headers["x-name"] for _ in range(4)]
    assert names[0] != names[1]
    assert names[:2] == names[2:]


async def test_one_that_leaves_finishes_what_it_has(scene: Scene) -> None:
    """After it left the rotation it gets nothing new, and is drained when its last answer is out."""
    old, leaving = await scene.add("old")
    held = asyncio.ensure_future(scene.client.get("/held"))
    await old.entered.wait()
    await scene.add("new")
    scene.rotation.remove(leaving)
    drained = asyncio.ensure_future(leaving.drained())
    assert {(await scene.client.get("/")).headers["x-name"] for _ in range(3)} == {"new"}
    assert not drained.done()
    old.go_on.set()
    assert (await held).text == "old"
    await asyncio.wait_for(drained, 60)


async def test_a_probe_says_what_curl_would_say(scene: Scene) -> None:
    """Success is any status below 400, in time."""
    backend, upstream = await scene.add("one")
    assert await probe(upstream.port, "/", timeout=60)
    assert not await probe(upstream.port, "/bad", timeout=60)
    assert not await probe(upstream.port, "/held", timeout=0.05)
    assert not await probe(ports.reserve(), "/", timeout=60)
    backend.go_on.set()
