"""A drill from a task's point of view: held, shown, told to programs."""

from dataclasses import asdict
from typing import Any

from gonogo import bootstrap
from gonogo.errors import ExitCode
from gonogo.local import reviving
from gonogo.report import words
from gonogo.report.lines import Line, Tone
from gonogo.tasks import releasing
from gonogo.tasks.console import Console


def drill(console: Console, environment: str, *, name: str, local: bool) -> int:
    """Hold a drill, show what came of it, and return the exit code.

    Args:
        console: where it is shown.
        environment: whose backup.
        name: the backup; empty for the newest.
        local: whether to use the one on this machine although there is another place.

    Raises:
        UsageError: there is no such backup.
    """
    config = releasing.config(environment)
    with console.working(f"drilling a backup of {environment}") as told:
        tools = bootstrap.Tools(vault=bootstrap.vault(config), revival=reviving.revival(config, told=told), told=told)
        found = bootstrap.drill(config, tools, name=name, local=local)
    show(console, found)
    ended = ExitCode.RELEASED if found.drill.is_good else ExitCode.ROLLED_BACK
    code = int(found.failure.exit_code if found.failure else ended)
    console.document(document(found, code))
    return code


def show(console: Console, found: bootstrap.Drilled) -> None:
    """Show what came of a drill."""
    held, tone = found.drill, Tone.GOOD if found.drill.is_good else Tone.BAD
    said = "proven" if held.is_good else "not proven"
    where = "fetched from the other place" if held.is_offsite else "from this machine"
    lines = [Line(text=f"{held.environment}: {held.backup or 'no backup'} is {said}", tone=tone)]
    if held.backup:
        lines.append(Line("backup", f"{where}, schema {held.schema_revision or 'nothing'}"))
    lines += [Line("wrong", each, Tone.BAD) for each in held.problems]
    if held.is_good:
        lines.append(Line("RPO", f"{words.seconds(held.rpo_s)}: how old the data was when the drill began"))
        lines.append(Line("RTO", f"{words.seconds(held.rto_s)}: until the release had been read on it"))
    lines += [Line("took", f"{words.seconds(seconds)}: {stage}") for stage, seconds in found.stages]
    console.block([*lines, *(Line("note", each) for each in found.notes)])
    if not held.is_good:
        hint = found.failure.hint if found.failure else ""
        console.line(f"next: {hint or f'invoke backup.run --env {held.environment}, then drill that'}")


def document(found: bootstrap.Drilled, code: int) -> dict[str, Any]:
    """Return a drill as JSON."""
    held = found.drill
    times = {name: getattr(held, name) for name in ("taken_at", "started_at", "ended_at")}
    return {
        **asdict(held),
        **{name: at.isoformat() if at else None for name, at in times.items()},
        "problems": list(held.problems),
        "good": held.is_good,
        "exit_code": code,
        "stages": [{"stage": stage, "seconds": seconds} for stage, seconds in found.stages],
        "notes": list(found.notes),
    }
