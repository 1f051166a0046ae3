"""Tables of thoughts and what is found in them, as lines that people can read."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from backend.providers.llm.builtin import extract
from backend.providers.llm.records import ExtractedTask, ExtractedUpdates, ExtractRequest

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 18, 10, tzinfo=ZONE)
PROJECTS = ("Website", "Kitchen renovation")
PEOPLE = ("Anna", "Bob Smith")


def thoughts(name: str) -> Iterator[tuple[str, list[str]]]:
    r"""Yield the thoughts of a table, each with what is found in it; "\n" is a new line.

    Args:
        name: Of a file beside this one; findings are indented.
    """
    thought, findings = "", []
    for line in (Path(__file__).parent / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("  "):
            findings.append(line.strip())
        else:
            if thought:
                yield thought, findings
            thought, findings = line.replace("\\n", "\n"), []
    yield thought, findings


def found(text: str, now: datetime = NOW) -> list[str]:
    """Return what is found in a thought, a line for each, tasks first.

    Args:
        text: The thought.
        now: When it was said.
    """
    request = ExtractRequest(text=text, now=now, timezone=ZONE.key, projects=PROJECTS, people=PEOPLE)
    return lines(extract(request))


def lines(updates: ExtractedUpdates) -> list[str]:
    """Return findings as lines.

    Args:
        updates: What was found.
    """
    return [
        *(_task(each) for each in updates.tasks),
        *(f"project: {name}" for name in updates.projects),
        *(f"person: {name}" for name in updates.people),
        *(f"idea: {title}" for title in updates.ideas),
        *(f"problem: {title}" for title in updates.problems),
        *(f"date: {each.label} | {each.on_day}{_clock(each.at)}" for each in updates.dates),
    ]


def _task(task: ExtractedTask) -> str:
    parts = [
        f"task: {task.title}",
        f"{task.due_on}{_clock(task.due_at)}" if task.due_on else "",
        f"p{task.priority}" if task.priority else "",
        f"{task.estimate_minutes}m" if task.estimate_minutes else "",
        f"#{task.project}" if task.project else "",
        *(f"@{label}" for label in task.labels),
        task.recurrence or "",
    ]
    return " | ".join(part for part in parts if part)


def _clock(moment: datetime | None) -> str:
    return f" {moment.astimezone(ZONE):%H:%M}" if moment else ""
