"""Stories of releases as journal entries, traffic that ran meanwhile, and a parser for the page."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any, Self

from gonogo import codec
from gonogo.errors import StepFailedError
from gonogo.model import Entry, EntryKind, Finding, Plan, PlannedStep, Request, Revision, Severity

STEPS = (
    "preflight",
    "backup",
    "restore-check",
    "migration-gate",
    "migrate",
    "api-rollout",
    "worker-rollout",
    "smoke",
    "bake",
    "sign-off",
)
START = datetime(2026, 11, 20, 12, 3, 11, tzinfo=UTC)
PREVIOUS = "1a2b3c4d5e6f" + "0" * 28
TARGET = "9f8e7d6c5b4a" + "1" * 28
RELEASE = "20261120-120311-k3f9"
MIGRATION = Revision(
    id="202611200900",
    title="Add thoughts.language",
    kind="expand",
    reversible=False,
    path="backend/migrations/versions/202611200900_expand_language.py",
)
_VOID = {"meta"}


def make_plan(*, findings: tuple[Finding, ...] = (), pending: tuple[Revision, ...] = (MIGRATION,)) -> Plan:
    """Return a plan of ten steps."""
    return Plan(
        release_id=RELEASE,
        environment="prod",
        created_at=START,
        previous_commit=PREVIOUS,
        target_commit=TARGET,
        subject="Keep a thought's language",
        start_revision="202610010800",
        target_revision="202611200900",
        pending=pending,
        steps=tuple(PlannedStep(name=name, intent=f"the intent of {name}") for name in STEPS),
        findings=findings,
        way_back="Both applications return to the version before.",
    )


def finding(rule: str, severity: Severity = Severity.INFO, message: str = "seen", hint: str = "") -> Finding:
    """Return a finding."""
    return Finding(rule=rule, severity=severity, message=message, hint=hint)


def request(second: float, *, failed: bool = False, ms: float = 5.0, kind: str = "read") -> Request:
    """Return a request that was sent so many seconds after the release started."""
    at = START.timestamp() + second
    return Request(at=at, ms=ms, status=502 if failed else 200, failed=failed, kind=kind)


@dataclass
class Story:
    """The entries of a release, told one after the other."""

    plan: Plan = field(default_factory=make_plan)
    second: float = 0.0
    entries: list[Entry] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin with the release's first entry."""
        self.tell(EntryKind.RELEASE_STARTED, plan=codec.plan_to_json(self.plan), who="ana@build")

    def tell(self, kind: EntryKind, step: str | None = None, *, after: float = 0.0, **data: Any) -> Self:
        """Add an entry, so many seconds after the last one, as the ledger would give it back."""
        self.second += after
        at = START + timedelta(seconds=self.second)
        stored = json.loads(json.dumps(data))
        self.entries.append(Entry(release_id=RELEASE, at=at, kind=kind, step=step, data=stored))
        return self

    def begin(self, step: str) -> Self:
        """Start a step."""
        return self.tell(EntryKind.STEP_STARTED, step, intent=f"the intent of {step}")

    def done(
        self,
        step: str,
        seconds: float = 1.0,
        *,
        findings: Sequence[Finding] = (),
        evidence: Mapping[str, str] | None = None,
    ) -> Self:
        """Run a step to its good end."""
        data = {"findings": codec.findings_to_json(tuple(findings)), "evidence": dict(evidence or {}), "notes": {}}
        return self.begin(step).tell(EntryKind.STEP_DONE, step, after=seconds, already=False, **data)

    def failed(self, step: str, message: str = "it broke", seconds: float = 1.0, hint: str = "") -> Self:
        """Run a step until it fails."""
        error = codec.error_to_json(StepFailedError("step-failed", message, hint=hint))
        return self.begin(step).tell(EntryKind.STEP_FAILED, step, after=seconds, error=error)

    def undone(self, step: str, seconds: float = 1.0) -> Self:
        """Revert a step."""
        self.tell(EntryKind.REVERT_STARTED, step)
        return self.tell(EntryKind.REVERT_DONE, step, after=seconds, evidence={"after": "1a2b3c4d5e6f"}, findings=[])

    def ended(self, verdict: str, code: int, *, serving: str | None = TARGET, **data: str) -> list[Entry]:
        """End the release and return all of its entries."""
        texts: dict[str, Any] = {"reason": "", "where": "", "hint": "", **data}
        self.tell(EntryKind.RELEASE_ENDED, verdict=verdict, exit_code=code, serving_commit=serving, **texts)
        return self.entries


def released() -> list[Entry]:
    """Return the entries of a release that went through, ten steps of a second each."""
    story = Story()
    for step in STEPS:
        story.done(step, evidence={"seen": f"proof of {step}"})
    return story.ended("released", 0)


def rolled_back(message: str = "2 of 14 smoke tests failed") -> list[Entry]:
    """Return the entries of a release whose smoke test failed and whose rollouts were undone."""
    story = Story()
    for step in STEPS[:7]:
        story.done(step, 2.0)
    story.failed("smoke", message, 4.0).undone("worker-rollout", 1.0).undone("api-rollout", 3.0)
    return story.ended("rolled_back", 1, serving=PREVIOUS, reason=message, where="smoke", hint="invoke deploy.status")


@dataclass
class Element:
    """An element of a page, with all the text below it."""

    name: str
    attributes: dict[str, str]
    text: str = ""
    inside: tuple[str, ...] = ()

    @property
    def classes(self) -> list[str]:
        """Return its class names."""
        return self.attributes.get("class", "").split()


class Page(HTMLParser):
    """A parsed page; parsing fails where an end tag does not fit."""

    def __init__(self, markup: str) -> None:
        """Parse the markup to its end."""
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(markup)
        self.close()
        assert not self._open, f"never closed: {[element.name for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        inside = tuple(element.name for element in self._open)
        element = Element(tag, {name: value or "" for name, value in attrs}, inside=inside)
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of an element that ends at once."""
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        """Close the innermost element, which must be this one."""
        assert self._open, f"</{tag}> closes nothing"
        assert self._open[-1].name == tag, f"</{tag}> closes <{self._open[-1].name}>"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Give text to every open element."""
        for element in self._open:
            element.text += data

    def find(self, name: str, class_: str = "") -> Iterator[Element]:
        """Yield the elements of a name, and of a class where one is given."""
        for element in self.elements:
            if element.name == name and (not class_ or class_ in element.classes):
                yield element
