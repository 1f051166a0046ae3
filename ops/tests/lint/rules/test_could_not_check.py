"""A rule could not look."""

from collections.abc import Iterator

import pytest

from gonogo.lint import rules
from gonogo.lint.records import Advice, Rule, Subject
from gonogo.model import Severity
from tests.lint.samples import found, migration


def _failing(subject: Subject) -> Iterator[Advice]:
    """Fail as a rule would that has a fault."""
    yield from ()
    message = f"no {subject.migration.id}"
    raise KeyError(message)


def test_a_rule_that_fails_is_a_finding_and_the_others_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never green, never silent."""
    monkeypatch.setattr(rules, "ALL", (Rule(reference="index-not-concurrent", check=_failing), *rules.ALL))

    findings = found(migration("DROP TABLE users"))

    assert {"could-not-check", "drop-table"} <= {each.reference for each in findings if each.severity is Severity.BLOCK}
    assert any("index-not-concurrent: KeyError" in each.message for each in findings)
