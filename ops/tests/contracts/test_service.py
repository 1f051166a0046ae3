"""The port Service: health and canary over HTTP."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from gonogo.adapters.service import HttpService
from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import JSON, JobState, Secret, WorkerBeat, WorkerStop
from gonogo.protocols import Service
from gonogo.testing import NEW, OLD, MemoryService, Scene, config
from tests.contracts.answering import Answering, Reply, answering

pytestmark = pytest.mark.contracts

PATHS = config().service
TOKEN = Secret("API_TOKEN", "never-to-be-shown")
DONE: JSON = {
    "id": "job",
    "status": "done",
    "error": None,
    "result": {"commit": OLD, "build_id": "build-a", "found_by": "message"},
    "origin": {"commit": OLD, "build_id": None, "replica": "p1"},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A service at the old commit that is ready, with one worker.

    Attributes:
        spoil: makes it complain about its database.
        stop: makes it not answer.
    """

    service: Service
    spoil: Callable[[], object]
    stop: Callable[[], object]


@pytest.fixture
def server() -> Iterator[Answering]:
    """Return a server that answers as a service does."""
    with answering() as opened:
        opened.replies |= {
            "GET /live": Reply(body={"status": "alive"}),
            "GET /ready": ready(),
            "GET /workers": Reply(body={"workers": [worker("w1", OLD)]}),
            "POST /canary": Reply(status=202, body={"job_id": "job"}),
            "GET /jobs/job": Reply(body=DONE),
        }
        yield opened


@pytest.fixture
def real(server: Answering) -> HttpService:
    """Return it behind the port."""
    return HttpService(server.url, TOKEN, PATHS, timeout_s=60.0)


@pytest.fixture(params=["memory", "real"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Return a service."""
    if request.param == "memory":
        scene = Scene()
        return Bench(
            service=MemoryService(scene),
            spoil=lambda: scene.unready.update({OLD: "database: refused"}),
            stop=lambda: scene.down.add("service"),
        )
    server: Answering = request.getfixturevalue("server")
    return Bench(
        service=request.getfixturevalue("real"),
        spoil=lambda: server.replies.update({"GET /ready": ready(status=503, ok=False)}),
        stop=lambda: server.replies.update(dict.fromkeys(server.replies, Reply(status=None))),
    )


def ready(commit: JSON = OLD, *, status: int = 200, ok: bool = True) -> Reply:
    """Return what a ready probe answers."""
    checks: JSON = {"database": {"ok": ok, "detail": "answers" if ok else "refused"}, "redis": {"ok": True}}
    said = "ready" if ok else "not_ready"
    made: dict[str, JSON] = {"build_id": "build-a", "fingerprint": "f1", "replica": "p1"}
    seen: dict[str, JSON] = {"status": said, "commit": commit, "schema_revision": "r1", "checks": checks}
    return Reply(status=status, body=seen | made)


def worker(name: str, commit: str, **more: JSON) -> JSON:
    """Return a worker's row."""
    told: dict[str, JSON] = {"id": name, "commit": commit, "state": "running", "age_s": 0.1}
    made: dict[str, JSON] = {"build_id": "build-a", "fingerprint": "f1", "envelope": 1, "kinds": ["canary"]}
    return told | made | {"stop": None} | more


class TestReady:
    """ready."""

    def test_a_ready_service_says_what_it_is(self, bench: Bench) -> None:
        """Its commit and its schema."""
        said = bench.service.ready()

        assert (said.status_code, said.ready, said.commit, said.schema_revision) == (200, True, OLD, "r1")
        assert (said.build_id, said.fingerprint, said.replica) == ("build-a", "f1", "p1")
        assert said.ms > 0

    def test_one_that_is_not_ready_says_why(self, bench: Bench) -> None:
        """And still which commit it is."""
        bench.spoil()

        said = bench.service.ready()

        assert (said.status_code, said.ready, said.commit) == (503, False, OLD)
        assert said.detail == "database: refused"

    def test_one_that_does_not_answer_is_status_zero(self, bench: Bench) -> None:
        """An observation, not an error."""
        bench.stop()

        said = bench.service.ready()

        assert (said.status_code, said.ready, said.commit) == (0, False, None)


class TestWork:
    """workers, start_canary, job."""

    def test_workers_say_their_commit(self, bench: Bench) -> None:
        """With the age of the last heartbeat."""
        beat = WorkerBeat(
            id="w1",
            commit=OLD,
            state="running",
            age_s=0.1,
            build_id="build-a",
            fingerprint="f1",
            envelope=1,
            kinds=("canary",),
        )
        assert bench.service.workers() == (beat,)

    def test_the_canary_is_a_job_that_can_be_asked_for(self, bench: Bench) -> None:
        """And says who did it."""
        job = bench.service.job(bench.service.start_canary())

        made = {"build_id": "build-a", "found_by": "message", "origin": OLD}
        assert job == JobState(id="job", status="done", commit=OLD, error=None, **made)


class TestHttpService:
    """What only HTTP shows."""

    def test_a_service_that_does_not_know_its_commit_says_none(self, server: Answering, real: HttpService) -> None:
        """The word `unknown` is not a version."""
        server.replies["GET /ready"] = ready("unknown")

        assert real.ready().commit is None

    def test_an_older_service_says_less(self, server: Answering, real: HttpService) -> None:
        """What it does not say is not known; nothing is refused for it."""
        row: JSON = {"id": "w", "commit": OLD, "state": "running", "age_s": 0.1}
        server.replies |= {
            "GET /ready": Reply(body={"status": "ready", "commit": OLD, "schema_revision": "r1"}),
            "GET /workers": Reply(body={"workers": [row]}),
            "GET /jobs/job": Reply(body={"status": "done", "error": None, "result": {"commit": OLD}}),
        }

        ready = real.ready()

        assert (ready.ready, ready.build_id, ready.fingerprint, ready.replica) == (True, None, None, None)
        assert real.workers() == (WorkerBeat(id="w", commit=OLD, state="running", age_s=0.1),)
        assert real.job("job") == JobState(id="job", status="done", commit=OLD, error=None)

    @pytest.mark.parametrize(
        ("said", "stop"),
        [
            ({"in_flight": 3}, WorkerStop(in_flight=3)),
            (
                {"in_flight": 3, "ended": 1, "handed_back": 1, "left": 1, "seconds": 2.5},
                WorkerStop(in_flight=3, ended=1, handed_back=1, left=1, seconds=2.5),
            ),
        ],
        ids=["stopping", "stopped"],
    )
    def test_a_worker_says_how_it_stopped(
        self, server: Answering, real: HttpService, said: JSON, stop: WorkerStop
    ) -> None:
        """While it does, and when it has."""
        server.replies["GET /workers"] = Reply(body={"workers": [worker("w", OLD, state="stopped", stop=said)]})

        assert [beat.stop for beat in real.workers()] == [stop]

    def test_every_look_is_over_a_new_connection(self, server: Answering, real: HttpService) -> None:
        """A kept one would go on to the old container."""
        for _ in range(3):
            real.ready()

        assert len({asked.port for asked in server.asked}) == 3

    def test_the_token_goes_with_it(self, server: Answering, real: HttpService) -> None:
        """The canary is for those who may."""
        real.start_canary()

        assert server.asked[0].authorization == f"Bearer {TOKEN.reveal()}"

    def test_a_redirect_is_not_ready(self, server: Answering, real: HttpService) -> None:
        """A maintenance page elsewhere is not the service."""
        server.replies["GET /ready"] = Reply(status=302, headers={"Location": "/live"})

        said = real.ready()

        assert (said.status_code, said.ready, said.detail) == (302, False, "HTTP 302")

    def test_two_hundred_alone_is_not_ready(self, server: Answering, real: HttpService) -> None:
        """A proxy's page answers 200 as well."""
        server.replies["GET /ready"] = Reply(text="<html>It works</html>")

        assert not real.ready().ready

    def test_live_is_a_question_of_its_own(self, server: Answering, real: HttpService) -> None:
        """The process may live while it is not ready."""
        before = real.is_live()
        server.replies["GET /live"] = Reply(status=None)

        assert (before, real.is_live()) == (True, False)

    def test_no_answer_about_workers_is_no_worker(self, server: Answering, real: HttpService) -> None:
        """Nothing is believed to run that was not seen."""
        server.replies["GET /workers"] = Reply(status=None)

        assert real.workers() == ()

    def test_a_refused_canary_says_why(self, server: Answering, real: HttpService) -> None:
        """Its status and title."""
        server.replies["POST /canary"] = Reply(status=401, body={"title": "Unauthorized"})

        with pytest.raises(RefusedError, match="HTTP 401 Unauthorized"):
            real.start_canary()

    def test_an_unknown_job_is_refused(self, real: HttpService) -> None:
        """It is named."""
        with pytest.raises(RefusedError, match="job other: HTTP 404"):
            real.job("other")

    def test_a_job_without_a_result_has_no_commit(self, server: Answering, real: HttpService) -> None:
        """It was not done yet."""
        server.replies["GET /jobs/job"] = Reply(body={"status": "queued", "error": None, "result": None})

        assert real.job("job") == JobState(id="job", status="queued", commit=None, error=None)

    @pytest.mark.parametrize(
        "body", [None, [], {}, {"workers": None, "job_id": 1}, {"workers": [{"id": "w"}]}], ids=str
    )
    def test_an_answer_that_is_not_understood_is_refused_or_empty(
        self, server: Answering, real: HttpService, body: JSON
    ) -> None:
        """Never a crash of the release."""
        server.replies |= {
            "GET /ready": Reply(body=body),
            "GET /workers": Reply(body=body),
            "GET /jobs/job": Reply(body=body),
            "POST /canary": Reply(status=202, body=body),
        }

        assert not real.ready().ready
        assert real.workers() == ()
        for call in (real.start_canary, lambda: real.job("job")):
            with pytest.raises(RefusedError, match="does not look like"):
                call()

    def test_a_canary_without_an_answer_may_have_been_taken(self, server: Answering, real: HttpService) -> None:
        """The error says that the service did not answer; the token is in none of it."""
        server.replies["POST /canary"] = Reply(status=None)

        with pytest.raises(UnreachableError) as caught:
            real.start_canary()
        assert TOKEN.reveal() not in repr(vars(caught.value))


def test_the_fake_tells_the_new_commit_when_it_serves() -> None:
    """What the scene says."""
    assert MemoryService(Scene(serving=NEW)).ready().commit == NEW
