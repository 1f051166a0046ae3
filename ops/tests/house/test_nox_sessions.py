"""What nox's own sessions promise beyond running a program."""

from types import SimpleNamespace
from typing import Any

import pytest
from nox.command import CommandFailed

import noxfile


class Session:
    """A session that installs nothing, and whose programs end as they are told."""

    def __init__(self, code: int, *words: str) -> None:
        """Keep how its programs end, and the words behind `--`."""
        self.posargs = list(words)
        self.virtualenv = SimpleNamespace(location="nowhere")
        self.ran: tuple[str, ...] = ()
        self._code = code

    def run_install(self, *words: str, **options: Any) -> None:
        """Do nothing."""

    def run(self, *words: str) -> None:
        """Note what is run, and end."""
        self.ran = words
        if self._code:
            raise CommandFailed(return_code=self._code)


def test_a_smoke_run_that_may_not_be_ends_with_2() -> None:
    """It is the code of usage, of which nox itself knows nothing."""
    with pytest.raises(SystemExit) as ended:
        noxfile.staging_smoke(Session(2))

    assert ended.value.code == 2


def test_a_smoke_run_that_fails_is_a_failed_session() -> None:
    """The sessions after it still run."""
    with pytest.raises(CommandFailed):
        noxfile.staging_smoke(Session(1))


def test_the_suite_gets_the_words_behind_two_dashes() -> None:
    """`--env prod` too, which its own plug-in understands."""
    session = Session(0, "--env", "prod", "-x")

    noxfile.staging_smoke(session)

    assert session.ran[-3:] == ("--env", "prod", "-x")
    assert noxfile.OPTION in session.ran
