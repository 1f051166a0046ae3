"""Exchanges with Coolify, case by case: what it answers, what we send, and what comes of it.

The cases are in coolify_cases.jsonl, one a line, with the section of docs/coolify.md that they belong to; the objects
that they share are in coolify_bodies.json. Each is replayed by a real server, on a clock that only moves when we wait.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from gonogo import errors
from gonogo.adapters.coolify import Coolify, records
from gonogo.errors import GonogoError
from gonogo.model import Pin, PinKind, Secret
from gonogo.testing import MemoryClock, Scene
from tests.contracts.answering import Answering, Reply, answering

pytestmark = pytest.mark.contracts

HERE = Path(__file__).parent
BODIES: dict[str, Any] = json.loads((HERE / "coolify_bodies.json").read_text(encoding="utf-8"))
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in (HERE / "coolify_cases.jsonl").read_text(encoding="utf-8").splitlines()
]
TOKEN = Secret("COOLIFY_TOKEN", "7|never-to-be-shown-in-any-message")
KEY = Secret("DATABASE_URL", "postgresql://user:key-of-fingerprints@db:5432/app")
IMAGE = "registry.example/team/app"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What a call came to; exactly one of the two."""

    given: Any = None
    error: GonogoError | None = None


@pytest.fixture
def server() -> Iterator[Answering]:
    """Return a server that answers as a case says."""
    with answering() as opened:
        yield opened


@pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in CASES])
def test_an_exchange_goes_as_it_is_written_down(server: Answering, case: dict[str, Any]) -> None:
    """Every request in its order with its body; the result or the error; the time that was waited."""
    scene = Scene()
    client = Coolify(server.url, TOKEN, timeout_s=10.0, clock=MemoryClock(scene), fingerprint_key=KEY)
    server.script = [reply(exchange) for exchange in case["exchanges"]]
    server.otherwise = Reply(status=418, body={"message": "more was asked than is written down"})

    outcome = called(client, case)

    exchanges = case["exchanges"]
    assert [f"{each.method} {each.path.removeprefix('/api/v1')}" for each in server.asked] == [
        each["ask"] for each in exchanges
    ]
    bodies = [json.loads(each.body or "null") for each in server.asked]
    assert bodies == [each.get("sent", body) for each, body in zip(exchanges, bodies, strict=True)]
    assert {(each.accept, each.authorization) for each in server.asked} == {
        ("application/json", f"Bearer {TOKEN.reveal()}")
    }
    assert_outcome(case, outcome)
    if "waits" in case:
        assert scene.seconds == pytest.approx(case["waits"], abs=0.3)


def test_the_cases_cover_what_a_release_meets() -> None:
    """Each call is met by an answer that is good, one that is refused, and one that is no answer of Coolify's."""
    calls = Counter(case["call"][0] for case in CASES)
    failed = Counter(case["call"][0] for case in CASES if "raises" in case)

    assert len(CASES) >= 200
    assert set(calls) == set(failed) | {"missing_optional_abilities"}
    assert {case["section"] for case in CASES} >= {"1", "2", "3", "4", "5", "6", "8", "11", "14", "18"}


def reply(exchange: dict[str, Any]) -> Reply:
    """Return what is answered."""
    body, headers = exchange.get("body"), exchange.get("headers", {})
    if exchange["status"] is None:
        return Reply(status=None)
    if body is None or (isinstance(body, dict) and set(body) == {"text"}):
        return Reply(status=exchange["status"], text=body["text"] if body else "", headers=headers)
    return Reply(status=exchange["status"], body=filled(body), headers={"Content-Type": "application/json", **headers})


def filled(body: Any) -> Any:
    """Return a body with the shared objects in their places."""
    if isinstance(body, list):
        return [filled(each) for each in body]
    if isinstance(body, dict) and "like" in body:
        whole = {**BODIES[body["like"]], **body.get("but", {})}
        return {key: value for key, value in whole.items() if key not in body.get("without", ())}
    return {key: filled(value) for key, value in body.items()} if isinstance(body, dict) else body


def called(client: Coolify, case: dict[str, Any]) -> Outcome:
    """Return what a call comes to."""
    name, *arguments = case["call"]
    pins = [pin_of(each) if isinstance(each, dict) else each for each in arguments]
    try:
        return Outcome(given=getattr(client, name)(*pins, **case.get("with", {})))
    except GonogoError as error:
        return Outcome(error=error)


def pin_of(wish: dict[str, str]) -> Pin:
    """Return the pin of a case."""
    kind = next(each for each in PinKind if each.value in wish)
    image = "" if kind is PinKind.COMMIT else wish.get("image", IMAGE)
    return Pin(kind=kind, ref=wish[kind.value], image=image)


def assert_outcome(case: dict[str, Any], outcome: Outcome) -> None:
    """Assert that a call came to what is written down, and that no error tells the token."""
    if "gives" in case:
        assert outcome.error is None, outcome.error
        assert is_as_told(told(outcome.given), case["gives"]), told(outcome.given)
        return
    error, wanted = outcome.error, case["raises"]
    assert error is not None, outcome.given
    said = f"{error.message} {error.where} {error.why} {error.hint}"
    assert (type(error), error.reference) == (getattr(errors, wanted["kind"]), wanted["reference"]), said
    assert [each for each in wanted["says"] if each not in said] == [], said
    assert TOKEN.reveal() not in repr((vars(error), error.args, error.__cause__, error.__context__))


def told(given: Any) -> Any:
    """Return what was given as JSON."""
    if isinstance(given, tuple):
        return [told(each) for each in given]
    return asdict(given) if is_dataclass(given) and not isinstance(given, type) else given


def is_as_told(given: Any, wanted: Any) -> bool:
    """Return whether everything that is written down is so; what is not written down may be anything."""
    if isinstance(wanted, dict):
        return isinstance(given, dict) and all(
            name in given and is_as_told(given[name], each) for name, each in wanted.items()
        )
    if isinstance(wanted, list):
        return len(given) == len(wanted) and all(map(is_as_told, given, wanted))
    if isinstance(wanted, str) and wanted.startswith("@fingerprint:"):
        return bool(given == records.fingerprint(wanted.removeprefix("@fingerprint:"), records.key_of(KEY)))
    return bool(given == wanted)
