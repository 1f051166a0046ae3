"""When backups are taken by themselves: a cron entry, or a scheduled task of Coolify's, for one environment. Pure."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from gonogo.errors import UsageError

# Steps through a day, hours; a backup and its copy may take as long as `max_age_h` allows beyond one.
_STEPS = (24, 12, 8, 6, 4, 3, 2, 1)
_SLACK_H = 1
_AT = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_NIGHT_H = 2
# A task that Coolify stops half-way leaves nothing, but no backup either.
_TIMEOUT_S = 6 * 3600


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to run by itself.

    Attributes:
        folder: the checkout that it runs in.
        state: where its log goes.
        uv: the program that starts the tasks.
        max_age_h: how old the newest backup may be.
        at: HH:MM in UTC; empty for a time that other projects are unlikely to have.
        ping: a URL that is told of each good backup; empty for none.
    """

    environment: str
    folder: Path
    state: Path
    uv: str
    max_age_h: int
    at: str = ""
    ping: str = ""


def cron(wish: Wish) -> str:
    """Return the lines of a crontab; a sign that cron reads as an end of line is escaped."""
    minute, hours = _when(wish)
    log = shlex.quote(str(wish.state / f"backup-{wish.environment}.log"))
    place = f"cd {shlex.quote(str(wish.folder))} && mkdir -p {shlex.quote(str(wish.state))}"
    told = f'echo "backups of {wish.environment}: see "{log}'
    entries = (
        f"{minute} {hours} * * * {place} && {{ {backup(wish)}; }} >>{log} 2>&1 || {told}",
        f"{(minute + 45) % 60} * * * * {place} && {_task(wish, 'status')} >>{log} 2>&1 || {told}",
    )
    head = (
        "# Times are UTC's; a cron that does not know CRON_TZ takes them as the machine's own.",
        "# It mails what is printed to MAILTO. The second line looks every hour whether backups are well.",
        "CRON_TZ=UTC",
        "MAILTO=root",
    )
    return "\n".join((*head, *(entry.replace("%", r"\%") for entry in entries))) + "\n"


def coolify(wish: Wish) -> Mapping[str, object]:
    """Return the body of Coolify's `POST /applications/UUID/scheduled-tasks`."""
    minute, hours = _when(wish)
    return {
        "name": f"backup {wish.environment}",
        "command": f"cd {shlex.quote(str(wish.folder))} && {backup(wish)}",
        "frequency": f"{minute} {hours} * * *",
        "timeout": _TIMEOUT_S,
        "enabled": True,
    }


def backup(wish: Wish) -> str:
    """Return what is run: taken and copied, read to its end, told, and only then are old ones removed."""
    told = f" && curl -fsS -m 10 --retry 3 -o /dev/null {shlex.quote(wish.ping)}" if wish.ping else ""
    verify = _task(wish, "verify")
    return f"{_task(wish, 'run')} && {verify}{told} && {_task(wish, 'prune')} --yes"


def _task(wish: Wish, name: str) -> str:
    """Return the command of a task."""
    return f"{shlex.quote(wish.uv)} run invoke backup.{name} --env {shlex.quote(wish.environment)}"


def _when(wish: Wish) -> tuple[int, str]:
    """Return the minute, and the hours as cron reads them.

    Raises:
        UsageError: the time is none.
    """
    found = _AT.fullmatch(wish.at) if wish.at else None
    if wish.at and found is None:
        raise UsageError(
            "not-a-time", f"--at takes HH:MM in UTC, not {wish.at!r}", hint="invoke backup.schedule --at 02:30"
        )
    chance = int.from_bytes(sha256(f"{wish.folder}:{wish.environment}".encode()).digest()[:4])
    hour, minute = (int(found[1]), int(found[2])) if found else (_NIGHT_H, chance % 60)
    step = next((each for each in _STEPS if each + _SLACK_H <= wish.max_age_h), 1)
    hours = sorted((hour + step * count) % 24 for count in range(24 // step))
    return minute, "*" if step == 1 else ",".join(map(str, hours))
