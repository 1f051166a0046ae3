"""Secrets looked at from a task's point of view: who holds them, what is wrong, what to do."""

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gonogo import bootstrap
from gonogo.bootstrap import searching
from gonogo.errors import ExitCode, UsageError
from gonogo.model import Holding, SecretFacts, SecretPolicy, Severity
from gonogo.report import lines
from gonogo.tasks import door
from gonogo.tasks.console import Console

_HEADERS = ("secret", "held by", "age", "may be", "told by", "overlap", "owner")
# Nobody wants to be told of what is quick.
_QUIET_S = 2.0
_VERDICTS = {0: "clean", 1: "problems", 7: "unreachable"}


def check(console: Console, environment: str, *, only_code: bool, image: str) -> int:
    """Look at everything, show it, and return the exit code: 0 nothing blocks, 1 something does, 7 not all was asked.

    Raises:
        UsageError: the image is not there, or is none.
    """
    path = _image(image)
    if only_code:
        looked = searching.look_at_code(bootstrap.project(door.root()), image=path, said=_patiently(console))
    else:
        from gonogo.tasks import releasing

        looked = searching.look(releasing.config(environment), image=path, said=_patiently(console))
    blocking = [each for each in looked.findings if each.severity is Severity.BLOCK]
    code = ExitCode.ROLLED_BACK if blocking else ExitCode.UNREACHABLE if looked.unreachable else ExitCode.RELEASED
    _show(console, looked, len(blocking))
    if looked.unreachable:
        console.error(looked.unreachable)
    console.document(_document(looked, environment="" if only_code else environment, code=int(code)))
    return int(code)


def _show(console: Console, looked: searching.Looked, blocking: int) -> None:
    """Show who holds what, what is wrong, and how much was looked at."""
    rows = inventory(looked.facts, looked.config.secrecy)
    if rows:
        console.table(_HEADERS, [tuple(row.values()) for row in rows])
        console.line()
    console.block([lines.finding(each) for each in lines.ranked(looked.findings)])
    for each in looked.seen:
        console.line(f"looked at: {each}")
    advice = sum(each.severity is Severity.ADVISE for each in looked.findings)
    console.line(f"{blocking} blocking, {advice} advice")


def inventory(facts: SecretFacts, policy: SecretPolicy) -> list[dict[str, str]]:
    """Return a row for each secret; never a value."""
    held: dict[str, list[Holding]] = {}
    for each in facts.holdings:
        held.setdefault(each.name, []).append(each)
    return [_row(name, places, facts, policy) for name, places in sorted(held.items())]


def _row(name: str, places: list[Holding], facts: SecretFacts, policy: SecretPolicy) -> dict[str, str]:
    """Return what is known of one secret, in words."""
    oldest = min((each for each in places if each.since), key=lambda each: each.since or facts.at, default=None)
    age = f"{(facts.at - oldest.since).days} d" if oldest and oldest.since else "unknown"
    row = policy.rows.get(name)
    return {
        "name": name,
        "held_by": ", ".join(dict.fromkeys(each.holder for each in places)),
        "age": age,
        "may_be": f"{policy.oldest(name)} d",
        "told_by": oldest.told_by if oldest else "",
        "overlap": row.overlap if row else "",
        "owner": row.owner if row else "",
    }


def _document(looked: searching.Looked, *, environment: str, code: int) -> dict[str, Any]:
    """Return the JSON object."""
    return {
        "verdict": _VERDICTS[code],
        "exit_code": code,
        "environment": environment,
        "secrets": inventory(looked.facts, looked.config.secrecy),
        "findings": [asdict(each) for each in lines.ranked(looked.findings)],
        "leaks": [asdict(each) for each in looked.facts.leaks],
        "looked_at": list(looked.seen),
        "not_looked_at": list(looked.facts.notes),
    }


def _image(image: str) -> Path | None:
    """Return the image's archive.

    Raises:
        UsageError: there is no such file.
    """
    if not image:
        return None
    path = Path(image)
    if not path.is_file():
        hint = "docker save IMAGE --output image.tar, then --image image.tar"
        raise UsageError("no-image", f"there is no file {path.name}", hint=hint)
    return path


def _patiently(console: Console) -> Callable[[str], None]:
    """Return what tells how far it is, once that takes a while."""
    began = last = time.monotonic()

    def said(what: str) -> None:
        nonlocal last
        if time.monotonic() - last >= _QUIET_S:
            last = time.monotonic()
            console.line(f"{last - began:7.1f}s  {what}")

    return said
