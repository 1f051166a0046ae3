"""xAI's keys and Todoist's token, asked over HTTP of who speaks as they do."""

from collections.abc import Iterator
from datetime import UTC, datetime
from secrets import token_hex

import pytest

from gonogo.adapters.http import Http
from gonogo.adapters.issuing.providers import TodoistToken, XaiKey
from gonogo.errors import NeedsPersonError, RefusedError, UnreachableError
from gonogo.model import JSON, Pair, Secret
from tests.contracts.answering import Answering, Reply, answering
from tests.issuing.pairs import TAG, begun

MANAGING = "xai-mgmt-never-shown"


def xai(url: str, *, managing: str = MANAGING) -> XaiKey:
    """Return the issuer of a key."""
    key = Secret("XAI_MANAGEMENT_KEY", managing)
    return XaiKey(url=f"{url}/v1", management_url=url, management_key=key, timeout_s=30)


def eventually_taken(issuer: XaiKey, value: Secret) -> bool:
    """Return whether a key is taken after a few looks, as one is that has to spread."""
    return any(issuer.accepts(value) for _ in range(10))


def test_a_second_key_is_made_and_the_first_one_deleted(xai_url: str) -> None:
    """It has the permissions of the first; the first is refused after it was deleted, and deleted once."""
    issuer, old = xai(xai_url), Secret("XAI_API_KEY", f"xai-{token_hex(20)}")
    assert (issuer.makes(), issuer.problems(old)) == (True, ())
    pair = begun(issuer, old)
    assert eventually_taken(issuer, pair.coming)
    assert issuer.accepts(old)
    issuer.retire(pair)
    issuer.retire(pair)
    assert not issuer.accepts(old)
    assert issuer.accepts(pair.coming)


def test_a_key_that_nobody_kept_is_found_by_its_name_and_deleted(xai_url: str) -> None:
    """A process that was killed between making and keeping leaves no second key."""
    issuer, old = xai(xai_url), Secret("XAI_API_KEY", f"xai-{token_hex(20)}")
    lost = issuer.admit(Pair(made_at=datetime.now(UTC), old=old, new=None), TAG)
    kept = issuer.admit(Pair(made_at=datetime.now(UTC), old=old, new=None), TAG)
    assert not issuer.accepts(lost)
    assert eventually_taken(issuer, kept)
    issuer.withdraw(Pair(made_at=datetime.now(UTC), old=old, new=None), TAG)
    assert not issuer.accepts(kept)
    assert issuer.accepts(old)


def test_without_a_management_key_a_person_makes_it(xai_url: str) -> None:
    """And whoever names a wrong one is told, with the way on."""
    assert not xai(xai_url, managing="").makes()
    old = Secret("XAI_API_KEY", f"xai-{token_hex(20)}")
    with pytest.raises(RefusedError, match="refused GET") as caught:
        xai(xai_url, managing="wrong").admit(Pair(made_at=datetime.now(UTC), old=old, new=None), TAG)
    assert "--by-hand" in caught.value.hint
    assert "wrong" not in caught.value.message


@pytest.fixture
def server() -> Iterator[Answering]:
    """Return a server that answers as it is told."""
    with answering() as opened:
        yield opened


@pytest.mark.parametrize("status", [429, 500, 503])
def test_trouble_is_no_refusal(server: Answering, status: int) -> None:
    """A credential is refused with 400, 401 or 403, and with nothing else."""
    server.otherwise = Reply(status=status, body={"error": "busy"})
    for issuer in (xai(server.url), TodoistToken(url=server.url, timeout_s=30)):
        with pytest.raises(UnreachableError, match=f"HTTP {status}"):
            issuer.accepts(Secret("x", "value"))


def test_a_key_that_is_barred_or_may_do_nothing_is_not_taken(server: Answering) -> None:
    """It would be answered 200 and be of no use."""
    issuer = xai(server.url, managing="")
    bodies: tuple[dict[str, JSON], ...] = (
        {"acls": ["a"], "api_key_blocked": True},
        {"acls": ["a"], "api_key_disabled": True},
        {"acls": ["a"], "team_blocked": True},
        {"acls": []},
    )
    for body in bodies:
        server.otherwise = Reply(body=body)
        assert not issuer.accepts(Secret("XAI_API_KEY", "value"))
    assert "no permissions" in issuer.problems(Secret("XAI_API_KEY", "value"))[0]


def test_todoists_token_ends_when_the_next_one_is_made(todoist_url: str) -> None:
    """There is no way back from there, and nothing to retire."""
    issuer = TodoistToken(url=f"{todoist_url}/api/v1", timeout_s=30)
    old, new = (Secret("TODOIST_API_TOKEN", token_hex(20)) for _ in range(2))
    assert (issuer.makes(), issuer.draft(old), issuer.accepts(old)) == (False, None, True)
    asked = {"token": old.reveal(), "replaced_by": new.reveal()}
    assert Http(todoist_url, token="", timeout_s=30).request("POST", "/__standin__/revoke", body=asked).status == 200
    assert (issuer.accepts(old), issuer.accepts(new)) == (False, True)
    with pytest.raises(NeedsPersonError, match="ended the old token"):
        issuer.withdraw(Pair(made_at=datetime.now(UTC), old=old, new=new), TAG)
