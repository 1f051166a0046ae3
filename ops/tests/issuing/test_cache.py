"""A user of a real Redis has two passwords for a while; the toolkit is another user."""

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
import redis

from conftest import OwnServers
from gonogo.adapters.issuing.cache import RedisLogin
from gonogo.errors import RefusedError, UnreachableError
from gonogo.model import Pair, Secret
from tests.issuing.pairs import TAG, begun

OLD, OWN = "old-password", "of-the-toolkit"
# What the runbook gives the toolkit's user.
RIGHTS = ("+acl", "+config|get", "+client|list", "+client|kill", "+ping", "+client|setinfo", "+client|setname")


@pytest.fixture
def urls(own_servers: OwnServers) -> tuple[Secret, Secret, str]:
    """Return the service's login, the toolkit's, and the server's owner's."""
    owner = own_servers.redis_url
    host = urlsplit(owner).netloc.rpartition("@")[2]
    with redis.Redis.from_url(owner) as client:
        client.execute_command("ACL", "SETUSER", "service", "on", f">{OLD}", "~*", "+@all")
        client.execute_command("ACL", "SETUSER", "toolkit", "on", f">{OWN}", *RIGHTS)
    return (
        Secret("REDIS_URL", f"redis://service:{OLD}@{host}/0"),
        Secret("OWN", f"redis://toolkit:{OWN}@{host}/0"),
        owner,
    )


def test_old_and_new_overlap_until_the_old_one_is_taken_away(
    urls: tuple[Secret, Secret, str], own_servers: OwnServers
) -> None:
    """Then it is refused, also after a restart of the server; and again is as once."""
    old, toolkit, _ = urls
    issuer = RedisLogin(toolkit)
    assert issuer.problems(old) == ()
    pair = begun(issuer, old)
    assert issuer.accepts(old)
    assert issuer.accepts(pair.coming)
    issuer.retire(pair)
    issuer.retire(pair)
    assert not issuer.accepts(old)
    assert issuer.accepts(pair.coming)
    own_servers.stop_redis()
    own_servers.start_redis()
    assert not issuer.accepts(old)
    assert issuer.accepts(pair.coming)


def test_a_session_from_before_is_ended_with_the_old_password(urls: tuple[Secret, Secret, str]) -> None:
    """Redis itself leaves it open; one from after the new password was made stays."""
    old, toolkit, _ = urls
    issuer = RedisLogin(toolkit)
    with redis.Redis.from_url(old.reveal(), single_connection_client=True, retry=None) as before:
        first = before.client_id()
        deadline = time.monotonic() + 60
        while int(before.client_info()["age"]) < 2:
            assert time.monotonic() < deadline
        made = Pair(made_at=datetime.now(UTC) - timedelta(seconds=1), old=old, new=issuer.draft(old))
        pair = Pair(made_at=made.made_at, old=old, new=issuer.admit(made, TAG))
        with redis.Redis.from_url(pair.coming.reveal(), single_connection_client=True) as after:
            second = after.client_id()
            issuer.retire(pair)
            assert after.client_id() == second
        with redis.Redis.from_url(pair.coming.reveal()) as looking:
            assert first not in [int(each["id"]) for each in looking.client_list()]


def test_what_is_taken_back_is_refused(urls: tuple[Secret, Secret, str]) -> None:
    """The old one is taken as before."""
    old, toolkit, _ = urls
    issuer = RedisLogin(toolkit)
    pair = begun(issuer, old)
    issuer.withdraw(pair, TAG)
    issuer.withdraw(pair, TAG)
    assert not issuer.accepts(pair.coming)
    assert issuer.accepts(old)


def test_what_would_fail_later_is_said_first(urls: tuple[Secret, Secret, str]) -> None:
    """The default user, the toolkit's own, one that is not there, a toolkit that may not look."""
    old, toolkit, owner = urls
    issuer = RedisLogin(toolkit)
    assert "default user" in issuer.problems(Secret("REDIS_URL", owner))[0]
    assert "logs in as toolkit too" in issuer.problems(toolkit)[0]
    unknown = Secret("REDIS_URL", old.reveal().replace("service", "nobody"))
    assert "no user nobody" in issuer.problems(unknown)[0]
    with redis.Redis.from_url(owner) as client:
        client.execute_command("ACL", "SETUSER", "toolkit", "-acl")
    assert "may not look at users" in issuer.problems(old)[0]
    with pytest.raises(RefusedError) as caught:
        issuer.withdraw(Pair(made_at=datetime.now(UTC), old=old, new=old), TAG)
    assert OLD not in str(caught.value)


def test_a_server_that_is_away_has_refused_nobody(urls: tuple[Secret, Secret, str], own_servers: OwnServers) -> None:
    """Nothing is judged, and no password is shown."""
    old, toolkit, _ = urls
    own_servers.stop_redis()
    with pytest.raises(UnreachableError) as caught:
        RedisLogin(toolkit).accepts(old)
    assert OLD not in str(caught.value)
