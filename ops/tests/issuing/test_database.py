"""Two roles of a real PostgreSQL take turns; the toolkit may change both, and needs to be no superuser."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import psycopg
import pytest

from conftest import OwnServers
from gonogo.adapters.issuing.database import DatabaseLogins
from gonogo.errors import RefusedError, UnreachableError
from gonogo.local import postgres
from gonogo.model import Secret
from tests.issuing.pairs import TAG, begun

PASSWORD = "of-the-toolkit"


@dataclass(frozen=True, kw_only=True, slots=True)
class Site:
    """A server with two roles and a toolkit's own."""

    owner: str
    old: Secret
    toolkit: Secret

    def run(self, words: str) -> None:
        """Do something as the server's owner."""
        with psycopg.connect(self.owner, autocommit=True) as connection:
            connection.execute(words.encode())


@pytest.fixture
def site(own_servers: OwnServers) -> Site:
    """Return a server whose toolkit has CREATEROLE and ADMIN OPTION on the two, and nothing else."""
    old = postgres.create_logins(own_servers.database_url, "service")
    parts = urlsplit(old)
    host = parts.netloc.rpartition("@")[2]
    toolkit = parts._replace(netloc=f"toolkit:{PASSWORD}@{host}").geturl()
    made = Site(owner=own_servers.database_url, old=Secret("DATABASE_URL", old), toolkit=Secret("OWN", toolkit))
    made.run(f"CREATE ROLE toolkit LOGIN CREATEROLE PASSWORD '{PASSWORD}'")
    made.run("GRANT service_a, service_b TO toolkit WITH ADMIN OPTION")
    return made


def test_a_toolkit_that_is_no_superuser_rotates(site: Site) -> None:
    """Both are taken at first; then the old role is shut out, and whoever was in with it is out."""
    issuer = DatabaseLogins(site.toolkit)
    assert issuer.problems(site.old) == ()
    pair = begun(issuer, site.old)
    assert urlsplit(pair.coming.reveal()).username == "service_b"
    assert issuer.accepts(pair.old)
    assert issuer.accepts(pair.coming)
    with psycopg.connect(pair.old.reveal()):
        assert (issuer.users(pair.old), issuer.users(pair.coming)) == (1, 0)
        issuer.retire(pair)
    assert not issuer.accepts(pair.old)
    assert issuer.accepts(pair.coming)
    issuer.retire(pair)
    assert issuer.problems(pair.coming) == ()
    again = begun(issuer, pair.coming)
    assert urlsplit(again.coming.reveal()).username == "service_a"


def test_what_is_taken_back_is_refused_and_the_old_one_is_not(site: Site) -> None:
    """A second try makes another password."""
    issuer = DatabaseLogins(site.toolkit)
    pair = begun(issuer, site.old)
    issuer.withdraw(pair, TAG)
    assert not issuer.accepts(pair.coming)
    assert issuer.accepts(pair.old)
    assert begun(issuer, site.old).coming.reveal() != pair.coming.reveal()


def test_only_a_verifier_reaches_the_server(site: Site) -> None:
    """What is kept there is what SCRAM makes of the password."""
    pair = begun(DatabaseLogins(site.toolkit), site.old)
    with psycopg.connect(site.owner) as connection:
        row = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = 'service_b'").fetchone()
    assert row
    assert row[0].startswith("SCRAM-SHA-256$")
    assert (urlsplit(pair.coming.reveal()).password or "-") not in row[0]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("REVOKE ADMIN OPTION FOR service_b FROM toolkit", "may not change service_b"),
        ("ALTER ROLE toolkit NOCREATEROLE", "may not change service_a"),
        ("ALTER ROLE toolkit NOINHERIT", "may not end the sessions of service_a"),
        ("ALTER ROLE service_b RESET role", "are not alike"),
        ("ALTER ROLE service_b RENAME TO other", "there is no role service_b"),
    ],
)
def test_what_would_fail_later_is_said_first(site: Site, change: str, says: str) -> None:
    """Nothing has been changed then."""
    if "NOINHERIT" in change:
        site.run("REVOKE service_a, service_b FROM toolkit")
        site.run(change)
        site.run("GRANT service_a, service_b TO toolkit WITH ADMIN OPTION")
    else:
        site.run(change)
    assert says in "; ".join(DatabaseLogins(site.toolkit).problems(site.old))


def test_a_server_that_says_no_is_quoted_without_a_value(site: Site) -> None:
    """A right that was lost in mid-rotation is an error, and no trace."""
    issuer = DatabaseLogins(site.toolkit)
    pair = begun(issuer, site.old)
    site.run("ALTER ROLE toolkit NOCREATEROLE NOINHERIT")
    site.run("REVOKE service_a, service_b FROM toolkit")
    with pytest.raises(RefusedError, match="service_a cannot be changed") as caught:
        issuer.retire(pair)
    assert (urlsplit(pair.old.reveal()).password or "-") not in str(caught.value)


def test_one_login_alone_and_one_that_is_the_toolkit_s_own_are_no_pair(site: Site) -> None:
    """The runbook is named; and nobody shuts themselves out."""
    host = urlsplit(site.old.reveal()).netloc.rpartition("@")[2]
    (alone,) = DatabaseLogins(site.toolkit).problems(Secret("DATABASE_URL", f"postgresql://app:x@{host}/own"))
    assert "ops/SECRETS_ROTATION_RUNBOOK.md" in alone
    assert "lock itself out" in "; ".join(DatabaseLogins(site.old).problems(site.old))


def test_a_server_that_is_away_has_refused_nobody(site: Site) -> None:
    """Neither login is judged."""
    gone = urlsplit(site.toolkit.reveal())._replace(netloc=f"toolkit:{PASSWORD}@", query="host=/nowhere").geturl()
    with pytest.raises(UnreachableError) as caught:
        DatabaseLogins(Secret("OWN", gone)).accepts(site.old)
    assert PASSWORD not in str(caught.value)
