"""The port Platform: the client against the stand-in, which speaks Coolify's API."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gonogo.adapters.clock import SystemClock
from gonogo.adapters.coolify import Coolify
from gonogo.errors import AnswerLostError, ConfigurationError, GonogoError, RefusedError, UnreachableError
from gonogo.local.coolify.control import create_application
from gonogo.model import Deployment, Pin, Secret
from gonogo.protocols import Clock, Platform
from gonogo.testing import API, WORKER, MemoryClock, MemoryPlatform, Scene
from tests.contracts import coolify
from tests.contracts.answering import Answering, Reply, answering
from tests.contracts.coolify import NEW, OLD, StandIn

pytestmark = pytest.mark.contracts

TOKEN = "7|never-to-be-shown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Bench:
    """A platform with two applications."""

    platform: Platform
    clock: Clock
    api: str
    worker: str

    def ended(self, uuid: str) -> Deployment:
        """Return a deployment when its job has really ended."""
        deadline = self.clock.monotonic() + 60
        while self.clock.monotonic() < deadline:
            row = self.platform.deployment(uuid)
            if row and row.ended:
                return row
            self.clock.sleep(0.02)
        message = f"deployment {uuid} has not ended"
        raise AssertionError(message)


@pytest.fixture
def standin() -> Iterator[StandIn]:
    """Return a stand-in of the test's own."""
    with coolify.serving() as opened:
        yield opened


@pytest.fixture
def server() -> Iterator[Answering]:
    """Return a server that answers as the test says."""
    with answering() as opened:
        yield opened


@pytest.fixture
def client(server: Answering) -> Coolify:
    """Return a client that takes it for Coolify."""
    clock = MemoryClock(Scene())
    return Coolify(server.url, Secret("COOLIFY_TOKEN", TOKEN), timeout_s=60.0, clock=clock)


@pytest.fixture(params=["memory", "real"])
def bench(request: pytest.FixtureRequest) -> Bench:
    """Return a platform."""
    if request.param == "memory":
        scene = Scene(linger_s=0.1)
        return Bench(platform=MemoryPlatform(scene), clock=MemoryClock(scene), api=API, worker=WORKER)
    opened: StandIn = request.getfixturevalue("standin")
    return Bench(platform=opened.client(), clock=SystemClock(), api=opened.api, worker=opened.worker)


class TestPlatform:
    """What a release asks of it."""

    def test_it_has_a_version(self, bench: Bench) -> None:
        """Of three numbers."""
        assert bench.platform.version() == "4.3.11"

    def test_a_token_that_can_release_lacks_nothing(self, bench: Bench) -> None:
        """read, write and deploy."""
        assert bench.platform.missing_abilities(bench.api) == ()

    def test_applications_are_told_apart(self, bench: Bench) -> None:
        """By their ids; both roll."""
        api, worker = bench.platform.application(bench.api), bench.platform.application(bench.worker)

        assert (api.uuid, api.name, api.rolling, api.health_checked) == (bench.api, "api", True, True)
        assert (worker.uuid, worker.name, worker.why_not_rolling) == (bench.worker, "worker", "")

    def test_what_is_pinned_stays_pinned(self, bench: Bench) -> None:
        """On this application alone; pinning it again is fine."""
        bench.platform.pin(bench.api, Pin.of_commit(NEW))
        bench.platform.pin(bench.api, Pin.of_commit(NEW))

        assert bench.platform.application(bench.api).pin.ref == NEW
        assert bench.platform.application(bench.worker).pin.ref != NEW

    def test_a_deployment_is_of_what_is_pinned(self, bench: Bench) -> None:
        """And it ends, some time after it was asked for."""
        bench.platform.pin(bench.api, Pin.of_commit(NEW))

        row = bench.ended(bench.platform.trigger(bench.api))

        assert (row.commit, row.status, row.application_uuid) == (NEW, "finished", bench.api)

    def test_deployments_are_listed_newest_first_by_application(self, bench: Bench) -> None:
        """With ascending numbers."""
        bench.platform.pin(bench.api, Pin.of_commit(OLD))
        first = bench.platform.trigger(bench.api)
        bench.ended(first)
        other = bench.platform.trigger(bench.worker)
        bench.platform.pin(bench.api, Pin.of_commit(NEW))
        second = bench.platform.trigger(bench.api)

        recent = bench.platform.recent(bench.api)

        assert [each.uuid for each in recent] == [second, first]
        assert recent[0].number > recent[1].number
        assert [each.uuid for each in bench.platform.recent(bench.worker)] == [other]

    def test_an_unknown_deployment_is_none(self, bench: Bench) -> None:
        """An id that Coolify gave may be one that it does not know."""
        assert bench.platform.deployment("unknown") is None

    def test_before_the_first_deployment_there_is_none(self, bench: Bench) -> None:
        """That is not an error."""
        assert bench.platform.recent(bench.api) == ()


class TestCoolify:
    """What only the stand-in shows."""

    @pytest.mark.parametrize("ability", ["read", "write", "deploy"])
    def test_a_missing_ability_is_named(self, standin: StandIn, ability: str) -> None:
        """That one and no other; nothing is changed by asking."""
        others = {"read", "write", "deploy"} - {ability}

        assert standin.client(*others).missing_abilities(standin.api) == (ability,)
        assert standin.client().recent(standin.api) == ()
        assert standin.client().application(standin.api).pin.ref == OLD

    def test_a_failed_deployment_is_failed(self, standin: StandIn) -> None:
        """And has ended."""
        standin.builder.failing.add(NEW)
        client = standin.client()
        client.pin(standin.api, Pin.of_commit(NEW))
        row = Bench(platform=client, clock=SystemClock(), api="", worker="").ended(client.trigger(standin.api))

        assert (row.status, row.commit) == ("failed", NEW)

    @pytest.mark.parametrize(
        ("setting", "why"),
        [
            ({"ports_mappings": "80:80"}, "ports_mappings"),
            ({"is_consistent_container_name_enabled": True}, "is_consistent_container_name_enabled"),
            ({"custom_internal_name": "api"}, "custom_internal_name"),
        ],
        ids=["ports", "consistent-name", "internal-name"],
    )
    def test_an_application_that_stops_first_says_why(
        self, standin: StandIn, setting: dict[str, object], why: str
    ) -> None:
        """The setting that makes it so."""
        uuid = standin.inside(lambda: create_application(standin.store, {"name": "other", **setting}).uuid)

        application = standin.client().application(uuid)

        assert (application.rolling, application.why_not_rolling) == (False, why)

    def test_an_unknown_application_is_refused(self, standin: StandIn) -> None:
        """With what Coolify said, and about which one."""
        with pytest.raises(RefusedError, match="HTTP 404: Application not found") as caught:
            standin.client().application("unknown")

        assert "unknown" in caught.value.where

    def test_a_deployment_of_an_unknown_application_is_refused(self, standin: StandIn) -> None:
        """Nothing was queued."""
        with pytest.raises(RefusedError):
            standin.client().trigger("unknown")

    def test_a_second_deployment_of_the_same_commit_has_no_true_id(self, standin: StandIn) -> None:
        """Coolify queues nothing and answers with an id that it does not know: whoever asks must confirm it."""
        standin.set_up(concurrent_builds=0)
        client = standin.client()
        client.pin(standin.api, Pin.of_commit(NEW))
        first, second = client.trigger(standin.api), client.trigger(standin.api)

        assert client.deployment(first)
        assert client.deployment(second) is None
        assert [each.uuid for each in client.recent(standin.api)] == [first]

    @pytest.mark.parametrize("base", ["{}", "{}/", "{}/api/v1", "{}/api/v1/"])
    def test_the_url_may_be_written_in_any_way(self, standin: StandIn, base: str) -> None:
        """With the API's path or without."""
        client = Coolify(base.format(standin.url), Secret("COOLIFY_TOKEN", standin.token()))

        assert client.version() == "4.3.11"


class TestUnauthorised:
    """The five causes of 401 and 403, and their five cures."""

    @pytest.mark.parametrize(
        ("knobs", "owner", "cure"),
        [
            ({}, {"expires": 1.0}, "unknown or expired"),
            ({}, {"role": ""}, "left the team"),
            ({"api_enabled": False}, {}, "switch the API on"),
            ({"allowed_ips": ("10.0.0.0/8",)}, {}, "add this machine's address"),
            ({}, {"role": "member"}, "admin or owner"),
        ],
        ids=["expired", "left", "switched-off", "address", "role"],
    )
    def test_each_cause_has_its_cure(
        self, standin: StandIn, knobs: dict[str, object], owner: dict[str, object], cure: str
    ) -> None:
        """A wrong configuration, found before anything has changed."""
        token = standin.token(**owner)
        standin.set_up(**knobs)

        with pytest.raises(ConfigurationError) as caught:
            standin.with_token(token).version()

        assert cure in " ".join(caught.value.problems)
        assert not leaks(caught.value, token)

    def test_a_missing_ability_names_what_is_needed(self, standin: StandIn) -> None:
        """On the call that needs it."""
        with pytest.raises(ConfigurationError) as caught:
            standin.client("read").pin(standin.api, Pin.of_commit(NEW))

        assert "read, write and deploy" in " ".join(caught.value.problems)


class TestAnswers:
    """Answers that mean: not now, not here, not understood."""

    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    def test_a_redirect_is_a_wrong_url(self, server: Answering, client: Coolify, status: int) -> None:
        """It is not followed: a POST would become a GET."""
        server.replies["GET /api/v1/applications/api"] = Reply(body={"uuid": "api"})
        server.otherwise = Reply(status=status, headers={"Location": "/api/v1/other"})

        with pytest.raises(ConfigurationError, match="redirects") as caught:
            client.trigger("api")

        assert "COOLIFY_URL" in " ".join(caught.value.problems)
        assert [each.path for each in server.asked] == ["/api/v1/applications/api", "/api/v1/deploy"]

    def test_a_post_without_an_answer_may_have_happened(self, server: Answering, client: Coolify) -> None:
        """That is another error than a server that was never reached, and it is sent once."""
        server.replies["GET /api/v1/applications/api"] = Reply(body={"uuid": "api"})
        server.otherwise = Reply(status=None)

        with pytest.raises(AnswerLostError):
            client.trigger("api")
        assert [each.method for each in server.asked] == ["GET", "POST"]

    def test_a_get_without_an_answer_changed_nothing(self, server: Answering, client: Coolify) -> None:
        """So it is only unreachable."""
        server.otherwise = Reply(status=None)

        with pytest.raises(UnreachableError) as caught:
            client.version()
        assert not isinstance(caught.value, AnswerLostError)

    def test_a_server_that_is_not_there_was_not_reached(self) -> None:
        """Not even with a POST."""
        client = Coolify("http://127.0.0.1:1", Secret("COOLIFY_TOKEN", TOKEN), clock=MemoryClock(Scene()))
        with pytest.raises(UnreachableError) as caught:
            client.trigger("api")

        assert not isinstance(caught.value, AnswerLostError)
        assert not leaks(caught.value, TOKEN)

    def test_a_pin_that_is_not_kept_is_refused(self, server: Answering, client: Coolify) -> None:
        """It is read back."""
        server.replies["GET /api/v1/applications/api"] = Reply(body={"uuid": "api", "git_commit_sha": OLD})
        server.replies["PATCH /api/v1/applications/api"] = Reply(body={"uuid": "api"})

        with pytest.raises(RefusedError, match="still says"):
            client.pin("api", Pin.of_commit(NEW))

    @pytest.mark.parametrize(
        "reply",
        [
            Reply(text="<html>Log in</html>", headers={"Content-Type": "text/html"}),
            Reply(body=[]),
            Reply(body={}),
            Reply(body={"deployments": None}),
            Reply(body={"deployments": [{"message": "queue_full"}]}),
        ],
        ids=["page", "list", "empty", "null", "odd-row"],
    )
    @pytest.mark.parametrize(
        "call",
        [
            lambda client: client.application("api"),
            lambda client: client.trigger("api"),
            lambda client: client.deployment("d1"),
            lambda client: client.recent("api"),
        ],
        ids=["application", "trigger", "deployment", "recent"],
    )
    def test_an_answer_that_is_not_understood_is_refused(
        self, server: Answering, client: Coolify, reply: Reply, call: Callable[[Coolify], Any]
    ) -> None:
        """In words, whatever stands between us and Coolify."""
        server.otherwise = reply

        with pytest.raises(RefusedError) as caught:
            call(client)
        assert not leaks(caught.value, TOKEN)

    def test_the_token_goes_with_every_request_and_into_no_message(self, server: Answering, client: Coolify) -> None:
        """Also where the answer repeats it."""
        server.otherwise = Reply(status=400, body={"message": f"bad token {TOKEN}"})

        with pytest.raises(RefusedError) as caught:
            client.version()

        assert server.asked[0].authorization == f"Bearer {TOKEN}"
        assert not leaks(caught.value, TOKEN)


def leaks(error: GonogoError, token: str) -> bool:
    """Return whether a token is anywhere in an error."""
    return token in repr((vars(error), error.args))
