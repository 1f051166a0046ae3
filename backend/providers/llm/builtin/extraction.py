"""What a thought holds, by rules: tasks, projects, people, ideas, problems and dates."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice

from backend.providers.llm.builtin import clauses, cues, dates, details, events, names
from backend.providers.llm.builtin.clauses import Clause
from backend.providers.llm.builtin.cues import Part
from backend.providers.llm.builtin.details import Detail, Sort
from backend.providers.llm.builtin.moments import Span, When, local, zone_of
from backend.providers.llm.builtin.names import Known, Named, known_of
from backend.providers.llm.builtin.titles import title
from backend.providers.llm.records import (
    NAMES_MAX,
    TASKS_MAX,
    ExtractedDate,
    ExtractedTask,
    ExtractedUpdates,
    ExtractRequest,
)

_CLAUSES_MAX = 400
_LABELS_MAX = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """A clause, and all that was seen in it.

    Attributes:
        bare: Its masked text with blanks where dates and details stand.
        projects: Those that it names without a tag.
    """

    clause: Clause
    bare: str
    whens: tuple[When, ...]
    details: tuple[Detail, ...]
    projects: tuple[Named, ...]
    people: tuple[str, ...]
    parts: tuple[Part, ...]


def extract(request: ExtractRequest) -> ExtractedUpdates:
    """Return what rules find in a thought.

    Args:
        request: The thought.
    """
    now = local(request.now, zone_of(request.timezone))
    projects, people = known_of(request.projects), known_of(request.people)
    found = islice(clauses.split(request.text), _CLAUSES_MAX)
    readings = list(_until_full(_read(clause, now, projects=projects, people=people) for clause in found))
    return ExtractedUpdates(
        tasks=list(islice(chain.from_iterable(map(_tasks, readings)), TASKS_MAX)),
        projects=names.unique(chain.from_iterable(map(_project_names, readings)), NAMES_MAX),
        people=names.unique((name for each in readings for name in each.people), NAMES_MAX),
        ideas=names.unique(_titles(readings, "idea"), NAMES_MAX),
        problems=names.unique(_titles(readings, "problem"), NAMES_MAX),
        dates=list(islice(chain.from_iterable(map(_dates, readings)), NAMES_MAX)),
    )


def _until_full(readings: Iterable[Reading]) -> Iterator[Reading]:
    """Yield readings until they hold as many tasks as an answer may."""
    tasks = 0
    for reading in readings:
        yield reading
        tasks += sum(part.sort == "task" for part in reading.parts)
        if tasks >= TASKS_MAX:
            return


def _read(clause: Clause, now: datetime, *, projects: Known, people: Known) -> Reading:
    whens = tuple(dates.find(clause.masked, now))
    bare = _blanked(clause.masked, [span for when in whens for span in when.spans])
    found = details.find(bare)
    bare = _blanked(bare, [each.span for each in found])
    edge = details.edge(bare)
    if edge:
        bare = _blanked(bare, [edge.span])
        found = [*found, edge]
    tagged = [people.resolved(each.name) for each in found if each.sort == "person"]
    parts = tuple(cues.read(clause, bare)) or _owed(clause, whens)
    return Reading(
        clause=clause,
        bare=bare,
        whens=whens,
        details=tuple(_spelled(each, projects) for each in found),
        projects=tuple(names.projects(bare, projects)),
        people=(*tagged, *names.people(bare, people)),
        parts=parts,
    )


def _blanked(text: str, spans: list[Span]) -> str:
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def _spelled(detail: Detail, projects: Known) -> Detail:
    return replace(detail, name=projects.spelled(detail.name)) if detail.sort == "project" else detail


def _owed(clause: Clause, whens: tuple[When, ...]) -> tuple[Part, ...]:
    """Return the whole clause as a task if it says that something is due: "Tax return due on 31 May"."""
    owed = clause.kind != "done" and "?" not in clause.text and any(when.due for when in whens)
    return (Part(sort="task", start=0, end=len(clause.text)),) if owed else ()


def _tasks(reading: Reading) -> Iterator[ExtractedTask]:
    parts = [part for part in reading.parts if part.sort == "task"]
    for part in parts:
        when = _when(reading, parts, part=part)
        named = [each for each in reading.details if _concerns(each.span, parts, part=part)]
        projects = [each for each in reading.projects if _concerns(each.span, parts, part=part)]
        cuts = [
            *(when.spans if when else ()),
            *(each.span for each in named),
            *(each.span for each in projects if each.cut),
        ]
        words = title(reading.clause.text, cuts, start=part.start, end=part.end)
        if words and reading.clause.heading == "buy" and reading.clause.kind == "item":
            words = title(f"Buy {words[0].lower()}{words[1:]}", [], start=0, end=len(words) + 4)
        if words:
            yield _task(words, when, named=named, projects=[each.name for each in projects])


def _task(words: str, when: When | None, *, named: list[Detail], projects: list[str]) -> ExtractedTask:
    tagged = [each.name for each in named if each.sort == "project"]
    return ExtractedTask(
        title=words,
        due_on=when.day if when else None,
        due_at=when.at if when else None,
        recurrence=when.recurrence if when else None,
        priority=_number(named, "priority"),
        estimate_minutes=_number(named, "estimate"),
        project=next(iter(names.unique([*tagged, *projects], 1)), None),
        labels=names.unique((each.name for each in named if each.sort == "label"), _LABELS_MAX),
    )


def _number(named: list[Detail], sort: Sort) -> int | None:
    """Return the first number that is said; of priorities, the most urgent one."""
    found = [each.number for each in named if each.sort == sort]
    return min(found, default=None) if sort == "priority" else next(iter(found), None)


def _when(reading: Reading, parts: list[Part], *, part: Part) -> When | None:
    """Return a task's own date, else the one before all tasks, else the one behind the last."""
    own = [when for when in reading.whens if part.start <= when.spans[0][0] < part.end]
    near = own or [when for when in reading.whens if _leads(when.spans[0], reading.parts)]
    return next(iter(near or [when for when in reading.whens if when.spans[0][0] >= parts[-1].start]), None)


def _concerns(span: Span, parts: list[Part], *, part: Part) -> bool:
    behind = part is parts[-1] and span[0] >= part.end
    return part.start <= span[0] < part.end or behind or _leads(span, tuple(parts))


def _leads(span: Span, parts: tuple[Part, ...]) -> bool:
    return span[0] < parts[0].start


def _project_names(reading: Reading) -> Iterator[str]:
    yield from (each.name for each in reading.details if each.sort == "project")
    yield from (each.name for each in reading.projects)


def _titles(readings: list[Reading], sort: str) -> Iterator[str]:
    for reading in readings:
        cuts = [each.span for each in reading.details]
        for part in reading.parts:
            words = title(reading.clause.text, cuts, start=part.start, end=part.end) if part.sort == sort else ""
            if words:
                yield words


def _dates(reading: Reading) -> Iterator[ExtractedDate]:
    """Yield the date of a clause that is no task: an appointment, a birthday."""
    if reading.parts or not reading.whens or reading.clause.kind == "done":
        return
    when = reading.whens[0]
    cuts = [*when.spans, *(each.span for each in reading.details)]
    label = events.label(reading.clause.text, reading.bare, cuts=cuts, pinned=when.at is not None)
    if label:
        yield ExtractedDate(label=label, on_day=when.day, at=when.at)
