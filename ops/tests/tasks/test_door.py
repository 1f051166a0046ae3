"""What every task passes through: the command that a refusal names can be pasted."""

import json
import logging
import sys
from pathlib import Path

import pytest

from gonogo.errors import ConfigurationError, UsageError
from gonogo.tasks import door
from gonogo.tasks.console import Console


def test_a_question_that_nobody_answered_names_the_same_command_with_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its flags stay as they were given, quoted for a shell."""
    monkeypatch.setattr(sys, "argv", ["invoke", "deploy.abort", "--env", "staging", "--reason", "it's late"])
    with pytest.raises(UsageError) as refused:
        door.demand_yes(Console(), "go back?", yes=False)

    assert refused.value.hint == """invoke deploy.abort --env staging --reason 'it'"'"'s late' --yes"""


def test_values_that_are_missing_are_followed_by_the_command_that_was_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not by another one: whoever asked for the migrations wants these."""
    monkeypatch.setattr(sys, "argv", ["invoke", "migrate.plan", "--env", "prod", "--json"])
    with pytest.raises(SystemExit), door.opened(json=True):
        raise ConfigurationError("config-incomplete", "two are missing", problems=("A is not set",), hint="set them")

    error = json.loads(capsys.readouterr().out)["error"]
    assert error["hint"] == "set them, then: invoke migrate.plan --env prod --json"


def test_nobody_is_shown_a_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """It is in the log, also where nothing was read of the project yet."""
    (tmp_path / "gonogo.toml").touch()
    monkeypatch.chdir(tmp_path)
    log = logging.getLogger("gonogo")
    monkeypatch.setattr(log, "handlers", [])
    with pytest.raises(SystemExit), door.opened():
        raise LookupError("deep inside")

    shown = "".join(capfd.readouterr())
    assert ("Traceback" in shown, "something that was not foreseen: LookupError" in shown) == (False, True)
    assert "deep inside" in (tmp_path / ".gonogo" / "gonogo.log").read_text()


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_a_request_for_help_is_no_value(
    flag: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A task with a value in its place would be carried out with the flag as that value."""
    monkeypatch.setattr(sys, "argv", ["invoke", "jobs.cancel", flag])

    with pytest.raises(SystemExit) as ended, door.opened():
        pytest.fail("the task was entered")

    assert ended.value.code == 2
    assert "invoke --help jobs.cancel" in capsys.readouterr().err
