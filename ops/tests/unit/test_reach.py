"""SSH destinations, and URLs as they look through a tunnel."""

from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo import reach
from gonogo.model import Secret, Ssh
from gonogo.testing import config


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("deploy@vps.example.org", ("deploy@vps.example.org", None)),
        ("deploy@vps.example.org:2222", ("deploy@vps.example.org", 2222)),
        ("vps", ("vps", None)),
        ("root@192.0.2.1:22", ("root@192.0.2.1", 22)),
        ("root@[2001:db8::1]:22", ("root@2001:db8::1", 22)),
    ],
)
def test_a_destination_is_a_host_with_or_without_user_and_port(text: str, named: tuple[str, int | None]) -> None:
    """An alias of the person's own configuration included."""
    assert reach.destination(text) == named


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-oProxyCommand=touch x",
        "-oProxyCommand=x@host",
        "user@-oProxyCommand=x",
        "host -L 1:h:1",
        "user@host;id",
        "user@host\n",
        "us er@host",
        "a@b@c",
        "host:0",
        "host:65536",
        "host:",
        "$(id)@host",
        "ssh://host",
    ],
)
def test_what_could_be_an_option_or_two_words_is_no_destination(text: str) -> None:
    """Nothing of it reaches a command line."""
    assert reach.destination(text) is None


@given(st.text(max_size=40))
def test_no_destination_begins_with_a_dash_or_holds_a_space(text: str) -> None:
    """Whatever somebody writes there."""
    named = reach.destination(text)

    assert named is None or not (named[0].startswith("-") or any(sign.isspace() for sign in named[0]))


@pytest.mark.parametrize(
    ("name", "url", "end"),
    [
        ("database", "postgresql://u:p@db:6543/app", "db:6543"),
        ("database", "postgres://u:p@127.0.0.1/app", "127.0.0.1:5432"),
        ("database", "postgresql://u:p@[2001:db8::1]/app", "[2001:db8::1]:5432"),
        ("database", "postgresql://u@/app?host=/var/run/postgresql", "/var/run/postgresql/.s.PGSQL.5432"),
        ("database", "postgresql://u@name/app?hostaddr=10.0.0.7&port=6000", "10.0.0.7:6000"),
        ("redis", "redis://:p@cache/2", "cache:6379"),
        ("api", "http://127.0.0.1:8000", "127.0.0.1:8000"),
    ],
)
def test_a_tunnel_ends_where_the_url_leads(name: str, url: str, end: str) -> None:
    """As the SSH server sees it; a socket where the URL names one."""
    assert (reach.wrong(name, url), reach.end(name, url)) == ("", end)


@pytest.mark.parametrize(
    ("name", "url", "why"),
    [
        ("redis", "rediss://cache", "a certificate for another name"),
        ("redis", "unix:///run/redis", "a socket of this machine"),
        ("api", "https://api.example.org", "a certificate for another name"),
        ("database", "postgresql://a,b/app", "one host and one port"),
        ("database", "postgresql://h:port/app", "one host and one port"),
        ("database", "postgresql://h:0/app?port=0", "one host and one port"),
        ("database", "postgresql://h/app?port=65536", "one host and one port"),
        ("database", "postgresql:///app?host=/run/a%20b", "one host and one port"),
        ("database", "postgresql:///app?host=/run:1.2.3.4:22", "one host and one port"),
        ("database", "postgresql://u:p[w@h/app", "is no URL"),
    ],
)
def test_what_cannot_be_led_through_a_tunnel_says_why(name: str, url: str, why: str) -> None:
    """Rather than to fail later, or to check less than before."""
    assert why in reach.wrong(name, url)


def through(url: str) -> str:
    """Return a database's URL as it looks through a tunnel."""
    target = replace(config().target, database_url=Secret("DATABASE_URL", url))
    return reach.through(target, {"database": 6000}).database_url.reveal()


@pytest.mark.parametrize(
    ("url", "led"),
    [
        ("postgresql://u:p%40s%2F@db/app", "postgresql://u:p%40s%2F@127.0.0.1:6000/app"),
        ("postgresql://db:1/app?sslmode=require", "postgresql://127.0.0.1:6000/app?sslmode=require"),
        ("postgresql://u@/app?host=/run/postgresql&port=1", "postgresql://u@127.0.0.1:6000/app"),
        (
            "postgresql://u:p@db/app?sslmode=verify-full&sslrootcert=/a%20b",
            "postgresql://u:p@db:6000/app?sslmode=verify-full&sslrootcert=%2Fa%20b&hostaddr=127.0.0.1",
        ),
        ("postgresql://u@db/app?options=-c%20a%3Db", "postgresql://u@127.0.0.1:6000/app?options=-c%20a%3Db"),
    ],
)
def test_everything_but_the_address_is_kept(url: str, led: str) -> None:
    """User, password, database and options; and the name that a certificate is checked against."""
    assert through(url) == led


@given(st.text(alphabet=st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=20))
def test_libpq_reads_the_same_password_from_both(password: str) -> None:
    """Whatever is in it."""
    quoted = quote(password, safe="")
    given_url = f"postgresql://u:{quoted}@db:1/app"

    before, after = (psycopg.conninfo.conninfo_to_dict(url) for url in (given_url, through(given_url)))

    assert {**before, "host": "127.0.0.1", "port": "6000"} == after


def test_only_what_the_tunnel_carries_is_led_through_it() -> None:
    """The scratch server never is."""
    target = replace(config().target, ssh=Ssh(destination="vps", carries=("database", "redis")))

    led = reach.through(target, {"database": 6000, "redis": 6001})

    assert set(reach.carried(target)) == {"database", "redis"}
    assert led.redis_url.reveal() == "redis://:redis-secret@127.0.0.1:6001"
    assert (led.scratch_url, led.api_url) == (target.scratch_url, target.api_url)
    assert (led.database_url.name, str(led.database_url)) == ("DATABASE_URL", "***")


def test_the_command_by_hand_goes_to_the_same_place() -> None:
    """With the port and the configuration where there are any."""
    assert reach.shown(Ssh(destination="a@b")) == "ssh a@b"
    assert reach.shown(Ssh(destination="a@b", port=2, config=Path("/c"))) == "ssh -F /c -p 2 a@b"


def test_a_url_that_cannot_be_taken_apart_is_told_without_its_password() -> None:
    """A bracket in a password, as it often is; nothing of the value is shown."""
    values = {key: (key.upper(), "") for key in ("coolify_url", "coolify_token", "api_url", "api_token", "scratch_url")}
    urls = {"database_url": "postgresql://u:pass[word@h/app", "redis_url": "redis://:pass]word@[h"}
    told = list(reach.wrong_urls("at", {**values, **{key: (key.upper(), url) for key, url in urls.items()}}))
    assert [each.partition(":")[0] for each in told] == ["DATABASE_URL is no URL", "REDIS_URL is no URL"]
    assert "pass" not in "".join(told).replace("in a password", "")
