"""What takes backups by itself: crontabs and Coolify's scheduled tasks."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo import scheduling
from gonogo.errors import UsageError
from gonogo.scheduling import Wish

WISH = Wish(environment="prod", folder=Path("/srv/my app"), state=Path("/srv/my app/.gonogo"), uv="uv", max_age_h=26)


def entries(wish: Wish) -> list[str]:
    """Return a crontab's entries."""
    return [line for line in scheduling.cron(wish).splitlines() if re.match(r"\d", line)]


def test_a_backup_is_taken_read_told_and_only_then_are_old_ones_removed() -> None:
    """One that fails stops the row: nothing is told, nothing removed."""
    command = scheduling.backup(replace(WISH, ping="https://ping.example.org/1?a=b"))

    assert [part.split(" --env")[0] for part in command.split(" && ")] == [
        "uv run invoke backup.run",
        "uv run invoke backup.verify",
        "curl -fsS -m 10 --retry 3 -o /dev/null 'https://ping.example.org/1?a=b'",
        "uv run invoke backup.prune",
    ]
    assert command.endswith("--yes")


def test_a_crontab_is_quoted_and_looks_every_hour() -> None:
    """A folder with a space, a URL with a percent sign."""
    run, look = entries(replace(WISH, at="23:59", ping="https://p/%20"))

    assert run.startswith("59 23 * * * cd '/srv/my app' && mkdir -p '/srv/my app/.gonogo' && {")
    assert r"https://p/\%20" in run
    assert look.startswith(
        "44 * * * * cd '/srv/my app' && mkdir -p '/srv/my app/.gonogo' && uv run invoke backup.status --env prod"
    )


@pytest.mark.parametrize(
    ("max_age_h", "hours"),
    [(26, "2"), (25, "2"), (24, "2,14"), (13, "2,14"), (5, "2,6,10,14,18,22"), (2, "*"), (1, "*")],
)
def test_it_runs_as_often_as_the_newest_may_be_old(max_age_h: int, hours: str) -> None:
    """With an hour to spare."""
    given = sorted(
        entries(replace(WISH, max_age_h=max_age_h, at="02:30"))[0].split()[1].split(","), key=lambda each: each.zfill(2)
    )
    assert given == sorted(hours.split(","), key=lambda each: each.zfill(2))


def test_the_time_is_the_same_each_time_and_another_for_others() -> None:
    """Not all projects at midnight."""
    assert scheduling.cron(WISH) == scheduling.cron(WISH)
    assert len({entries(replace(WISH, folder=Path(f"/srv/{number}")))[0].split()[0] for number in range(20)}) > 5


@pytest.mark.parametrize("at", ["24:00", "2:30", "02:60", "night"])
def test_a_wrong_time_is_refused(at: str) -> None:
    """It is not taken for another."""
    with pytest.raises(UsageError, match="HH:MM in UTC"):
        scheduling.cron(replace(WISH, at=at))


def test_a_task_of_coolifys_has_what_its_api_asks_for() -> None:
    """And time enough: what Coolify stops half-way is no backup."""
    body = scheduling.coolify(replace(WISH, at="02:30"))

    assert body.keys() == {"name", "command", "frequency", "timeout", "enabled"}
    assert body["frequency"] == "30 2 * * *"
    assert isinstance(body["timeout"], int)
    assert body["timeout"] >= 3600
