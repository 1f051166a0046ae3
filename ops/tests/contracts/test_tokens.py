"""The service's own token command, run as an operator's task runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gonogo.adapters.tokens import CommandTokens
from gonogo.errors import UnreachableError, UsageError
from gonogo.model import Checkout, Secret
from tests.contracts import databases

ROOT = Path(__file__).resolve().parents[3]
CHECKOUT = Checkout(commit="c" * 40, path=ROOT, python=Path(sys.executable))
COMMAND = ("{python}", "-m", "backend.admin.main")


def on(url: str) -> CommandTokens:
    """Return the tokens of a database."""
    return CommandTokens(COMMAND, checkout=CHECKOUT, database_url=Secret("DATABASE_URL", url))


@pytest.fixture
def url() -> Iterator[str]:
    """Return a database with the service's tables."""
    with databases.created() as url:
        command = (sys.executable, "-m", "alembic", "-c", "backend/alembic.ini", "upgrade", "head")
        subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True, capture_output=True)
        yield url


@pytest.mark.contracts
class TestTokens:
    """Made, listed, revoked."""

    def test_a_token_from_its_making_to_its_end(self, url: str) -> None:
        """It is shown once, listed by its first characters, and over once it is revoked; nobody else's is."""
        tokens = on(url)

        secret = tokens.issue("ada@example.org", "phone", days=3, scopes="read").reveal()
        tokens.issue("grace@example.org", "phone", days=3, scopes="")
        (made,) = tokens.lines("ada@example.org")
        count = tokens.revoke("ada@example.org", "phone")
        states = {each.user: each.state for each in tokens.lines("")}

        assert (made.name, made.scopes, made.state) == ("phone", ("read",), "valid")
        assert secret.startswith(made.prefix)
        assert len(made.prefix) < len(secret) / 2
        assert (count, tokens.revoke("ada@example.org", "phone")) == (1, 0)
        assert states == {"ada@example.org": "revoked", "grace@example.org": "valid"}

    def test_a_refusal_is_told_in_the_services_words(self, url: str) -> None:
        """A scope that does not exist ends as wrong usage, and nothing is made."""
        with pytest.raises(UsageError, match="read, write, manage"):
            on(url).issue("ada@example.org", "phone", days=3, scopes="everything")

        assert on(url).lines("") == ()

    @pytest.mark.parametrize("user", ["ada", "ada@", "ada example@x", "", "Ada <ada@example.org>"])
    def test_whose_token_it_is_must_be_an_address(self, url: str, user: str) -> None:
        """Anything else is said to be none, and nothing is made."""
        with pytest.raises(UsageError, match="must be an e-mail address"):
            on(url).issue(user, "phone", days=3, scopes="")

        assert on(url).lines("") == ()

    def test_a_database_that_is_away_is_said_to_be(self) -> None:
        """The operator learns that nothing was changed."""
        with pytest.raises(UnreachableError, match="Nothing was changed"):
            on("postgresql://postgres@127.0.0.1:1/none").lines("")
