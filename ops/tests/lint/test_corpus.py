"""Revisions as teams write them, unsafe and safe: how many are caught, and how many alarms are false.

`corpus/unsafe` names in each file what must be found; a file of `corpus/safe` must be let pass. Each stands behind
`corpus/base.py`. Their SQL is rendered here, which takes no server; `test_capturing.py` runs some of them on one.
"""

import importlib.util
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType

import pytest

from gonogo import lint
from gonogo.adapters.capture_rendering import render
from gonogo.adapters.squawk import said
from gonogo.model import Chain, LintFinding, Manner, Migration, Severity, Statement

CORPUS = Path(__file__).parent / "corpus"
TODAY = date(2026, 11, 21)
LEAST_CAUGHT, MOST_FALSE = 0.95, 0.05


@pytest.fixture(scope="module")
def findings() -> Iterator[dict[str, tuple[LintFinding, ...]]]:
    """Return what is found in each revision of the corpus, by folder and name."""
    models = ModuleType("app.models")
    models.User = type("User", (), {"id": 1})  # type: ignore[attr-defined]  # what a revision imports
    sys.modules |= {"app": ModuleType("app"), "app.models": models}
    base = _migration(CORPUS / "base.py")
    paths = [path for folder in ("unsafe", "safe") for path in sorted((CORPUS / folder).glob("*.py"))]
    subjects = [
        lint.subjects(Chain(migrations=(base, _migration(path)), heads=()), today=TODAY, wanted=[path.stem])[0]
        for path in paths
    ]
    answers = said([lint.script(subject) for subject in subjects])
    yield {
        f"{path.parent.name}/{path.stem}": lint.judge(subject, words)
        for path, subject, words in zip(paths, subjects, answers, strict=True)
    }
    del sys.modules["app"], sys.modules["app.models"]


def _migration(path: Path) -> Migration:
    """Return a file as a revision, rendered."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sent, problem = render(module)
    return Migration(
        id=path.stem,
        path=path.name,
        source=path.read_text(encoding="utf-8"),
        statements=tuple(Statement(sql=sql, line=line, transaction=transaction) for sql, line, transaction in sent),
        manner=Manner.RENDERED,
        problem=problem,
    )


def _blocking(found: tuple[LintFinding, ...]) -> set[str]:
    """Return the rules that stop a revision."""
    return {each.reference for each in found if each.severity is Severity.BLOCK}


def _expected(name: str) -> set[str]:
    """Return what a revision of the corpus says must be found in it."""
    text = (CORPUS / f"{name}.py").read_text(encoding="utf-8")
    return {*text.partition("# expected: ")[2].partition("\n")[0].split(",")} - {""}


def test_the_unsafe_are_caught_and_the_safe_let_pass(
    findings: dict[str, tuple[LintFinding, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    """At least 95 % of one, at most 5 % false alarms of the other; the table says which."""
    unsafe = {name: _expected(name) <= _blocking(found) for name, found in findings.items() if name[0] == "u"}
    alarms = {name: bool(_blocking(found)) for name, found in findings.items() if name[0] == "s"}
    with capsys.disabled():
        _print(findings, unsafe, alarms)

    assert min(len(unsafe), len(alarms)) >= 40
    assert sum(unsafe.values()) / len(unsafe) >= LEAST_CAUGHT
    assert sum(alarms.values()) / len(alarms) <= MOST_FALSE


def _print(findings: dict[str, tuple[LintFinding, ...]], unsafe: dict[str, bool], alarms: dict[str, bool]) -> None:
    """Show the table."""
    rows = []
    for name, found in findings.items():
        verdict = "ok  " if unsafe.get(name, not alarms.get(name, True)) else "MISS"
        rows.append(f"{name:<48} {verdict} {', '.join(sorted(_blocking(found)))}")
    caught, false = sum(unsafe.values()), sum(alarms.values())
    sums = f"caught {caught} of {len(unsafe)} unsafe, {false} false alarms on {len(alarms)} safe"
    sys.stdout.write("\n".join(["", *rows, sums, ""]))


def test_every_finding_says_what_would_happen_and_what_to_write(
    findings: dict[str, tuple[LintFinding, ...]],
) -> None:
    """No finding without both."""
    found = [
        each for each_found in findings.values() for each in each_found if not each.reference.startswith("squawk-")
    ]

    assert [each for each in found if not (each.message and each.consequence and each.fix)] == []


def test_every_rule_for_revisions_is_in_the_corpus(findings: dict[str, tuple[LintFinding, ...]]) -> None:
    """As something that a team writes; what no file of its own can show is left out."""
    seen = {each.reference for found in findings.values() for each in found}

    assert lint.REFERENCES - seen == {"multiple-heads", "model-drift", "missing-lock-timeout"}
