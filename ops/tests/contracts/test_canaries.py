"""No secret leaves: releases that fail in every way, with everything that can repeat a secret repeating all of them.

The whole walk is real (door, console, configuration, client, ledger, log file, pages); what it releases is in memory,
and Coolify is a server that tells every secret that it was ever told, in every form, with each refusal.
"""

import base64
import html
import json
import logging
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from gonogo import bootstrap, redaction
from gonogo.errors import GonogoError, UnreachableError
from gonogo.model import JSON, Config, Said, Suite
from gonogo.protocols import World
from gonogo.tasks import door, releasing
from gonogo.testing import API, NEW, OLD, WORKER, Scene
from tests.contracts.answering import Answering, Reply, answering
from tests.house.sources import ROOT

pytestmark = pytest.mark.contracts

CANARIES = {
    "COOLIFY_TOKEN": "41|canaryCoolify/one+two",
    "API_TOKEN": "canary-api=token/one+two",
    "DATABASE_URL": "canary&database@pass/word",
    "REDIS_URL": "canary-redis<pass>word",
    "SCRATCH_DATABASE_URL": "canary'scratch\"pass",
    "value in Coolify": "canary value with spaces, \u00e4nd more",
    "quoted value in Coolify": "'canary\\real\\value'",
}
URLS = {
    "DATABASE_URL": "postgresql://u:{}@h/d",
    "REDIS_URL": "redis://:{}@h",
    "SCRATCH_DATABASE_URL": "postgresql://u:{}@h/s",
}


def forms(secret: str) -> set[str]:
    """Return a secret as those who repeat it write it."""
    encoded = base64.b64encode(secret.encode()).decode()
    spelled = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {*spelled, quote(secret), quote(secret, safe=""), quote_plus(secret), html.escape(secret), encoded}


OWN = ("COOLIFY_TOKEN", "API_TOKEN", *URLS)
EVERYTHING = " ".join(sorted(form for secret in CANARIES.values() for form in forms(secret)))
LEAKY = GonogoError("leaky", EVERYTHING, where=EVERYTHING, why=EVERYTHING, hint=EVERYTHING)
ECHO: JSON = {"message": EVERYTHING, "error": EVERYTHING, "errors": {"git_commit_sha": [EVERYTHING]}}
# What is never said to us cannot be known as a secret: before the variables are read, only our own are repeated.
EARLY: JSON = {"message": " ".join(sorted(form for name in OWN for form in forms(CANARIES[name])))}
TOLD = Said(rule="told", line=1, message=EVERYTHING, help=EVERYTHING)
SUITE = Suite(exit_code=1, passed=0, failed=(EVERYTHING,), output=EVERYTHING)
DEPLOY, VERSION = "POST /api/v1/deploy", "GET /api/v1/version"


@dataclass(frozen=True, kw_only=True, slots=True)
class Mishap:
    """How a release goes wrong: in Coolify, or in what is in memory.

    Attributes:
        is_told: whether anybody repeats what was said.
    """

    replies: Mapping[str, Reply]
    scene: Scene
    is_told: bool = True


def broken(name: str, error: BaseException) -> Mishap:
    """Return a mishap of one call in memory."""
    return Mishap(replies={}, scene=Scene(fail_at={name: error}))


def refused(status: int | None, *asked: str) -> Mishap:
    """Return a mishap of Coolify's."""
    patient = {"Retry-After": "86400"}  # longer than anybody waits
    return Mishap(replies={each: Reply(status=status, body=ECHO, headers=patient) for each in asked}, scene=Scene())


MISHAPS: Mapping[str, Mishap] = {
    **{f"deploy-{status}": refused(status, DEPLOY) for status in (400, 401, 403, 404, 409, 422, 429, 500, 502)},
    **{
        f"version-{status}": Mishap(replies={VERSION: Reply(status=status, body=EARLY)}, scene=Scene())
        for status in (401, 403, 422, 500)
    },
    "deploy-lost": refused(None, DEPLOY),
    "deploy-in-odd-words": Mishap(
        replies={DEPLOY: Reply(body={"deployments": [{"message": EVERYTHING, "resource_uuid": API}]})}, scene=Scene()
    ),
    "redirect": Mishap(
        replies={DEPLOY: Reply(status=302, headers={"Location": f"/?{quote(CANARIES['COOLIFY_TOKEN'])}"})},
        scene=Scene(),
    ),
    "variables-odd": Mishap(
        replies={f"GET /api/v1/applications/{API}/envs": Reply(body=[{"value": EVERYTHING}])},
        scene=Scene(),
        is_told=False,
    ),
    "backup": broken("backups.take", LEAKY),
    "restore": broken("database.restore", UnreachableError("away", EVERYTHING)),
    "migration": broken("migrations.upgrade", LEAKY),
    "bug": broken("backups.take", ValueError(EVERYTHING)),
    "bug-in-a-bug": broken("migrations.upgrade", KeyError(EVERYTHING)),
    "unready": Mishap(replies={}, scene=Scene(unready={OLD: EVERYTHING})),
    "linted": Mishap(replies={DEPLOY: Reply(status=400, body=ECHO)}, scene=Scene(squawk=(TOLD,))),
    "smoke": Mishap(replies={}, scene=Scene(smoke=SUITE)),
}


@pytest.fixture(autouse=True)
def process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give the test what this process never shows for itself, and put back how it is ended."""
    monkeypatch.setattr(redaction, "PROCESS", redaction.Redaction())
    former = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, former)
    for handler in logging.getLogger("gonogo").handlers:
        handler.close()


@pytest.fixture
def coolify() -> Iterator[Answering]:
    """Return a Coolify with both applications, everything deployed."""
    with answering() as opened:
        opened.replies = dict(good())
        yield opened


def good() -> Iterator[tuple[str, Reply]]:
    """Return what Coolify answers while all is well."""
    yield VERSION, Reply(text="4.3.11")
    yield "GET /api/v1/deployments", Reply(body=[])
    yield "GET /api/v1/deploy", Reply(status=405, body={"message": "This endpoint has changed to a POST request."})
    values: dict[str, JSON] = {"value": CANARIES["value in Coolify"], "real_value": CANARIES["quoted value in Coolify"]}
    command = f"psql {URLS['DATABASE_URL'].format(CANARIES['DATABASE_URL'])}"
    seen: dict[str, JSON] = {"git_commit_sha": NEW, "health_check_enabled": True, "pre_deployment_command": command}
    for uuid in (API, WORKER):
        yield f"GET /api/v1/applications/{uuid}", Reply(body={"uuid": uuid, **seen})
        yield f"PATCH /api/v1/applications/{uuid}", Reply(status=400, body=ECHO)
        yield f"GET /api/v1/applications/{uuid}/envs", Reply(body=[{"key": "SECRET", **values}])
        yield f"GET /api/v1/deployments/applications/{uuid}?skip=0&take=20", Reply(body={"count": 0, "deployments": []})


def configured(root: Path, url: str) -> Config:
    """Return the configuration of production, read as a task reads it."""
    (root / "gonogo.toml").write_text((ROOT / "gonogo.toml").read_text(encoding="utf-8"), encoding="utf-8")
    values = {name: URLS[name].format(quote(CANARIES[name], safe="")) for name in URLS}
    addresses = {
        "COOLIFY_URL": url,
        "COOLIFY_API_UUID": API,
        "COOLIFY_WORKER_UUID": WORKER,
        "API_URL": "http://127.0.0.1:1",
    }
    found = bootstrap.load(
        root, "prod", {**values, **{name: CANARIES[name] for name in ("COOLIFY_TOKEN", "API_TOKEN")}, **addresses}
    )
    return replace(found, ledger_url=f"sqlite:///{root / 'ledger.db'}")


def released(config: Config, scene: Scene, *, json_mode: bool) -> None:
    """Release as the task does, to a world in memory behind the real client, ledger and logs."""

    def dressed(outside: World) -> World:
        imagined = scene.world(outside.observe)
        return replace(imagined, platform=outside.platform, ledger=outside.ledger, log=outside.log)

    with suppress(SystemExit), door.opened(json=json_mode) as console:
        stage = bootstrap.Stage(config=config, dress=dressed)
        code, document = releasing.release(console, stage, releasing.Wish(yes=True))
        console.document(document)
        assert code != 0


@pytest.mark.parametrize("json_mode", [False, True], ids=["words", "json"])
@pytest.mark.parametrize("mishap", MISHAPS.values(), ids=MISHAPS)
def test_no_secret_leaves_a_release_that_fails(
    coolify: Answering, tmp_path: Path, capsys: pytest.CaptureFixture[str], mishap: Mishap, *, json_mode: bool
) -> None:
    """Not in what is printed, nor in the ledger's bytes, the log, the pages, in no form."""
    coolify.replies.update(mishap.replies)

    released(configured(tmp_path, coolify.url), replace(mishap.scene), json_mode=json_mode)

    captured = capsys.readouterr()
    places = {"stdout": captured.out, "stderr": captured.err}
    for path in (each for each in tmp_path.rglob("*") if each.is_file() and each.name != "gonogo.toml"):
        places[path.relative_to(tmp_path).as_posix()] = path.read_bytes().decode("utf-8", "replace")
    leaks = {(where, name) for where, text in places.items() for name, word in CANARIES.items() if leaked(text, word)}
    assert leaks == set()
    assert any(redaction.STARS in text for text in places.values()) is mishap.is_told


def leaked(text: str, secret: str) -> bool:
    """Return whether a secret stands in a text in any form, also cut off where a line or a field ends."""
    return any(form[: max(10, len(form) * 2 // 3)] in text for form in forms(secret))
