"""Records to JSON and back: a plan must mean the same tomorrow."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo import codec
from gonogo.errors import NoGoError
from gonogo.model import Finding, Plan, PlannedStep, Revision, Severity

_TEXT = st.text(max_size=12)
_REVISIONS = st.builds(Revision, id=_TEXT, title=_TEXT, kind=_TEXT, reversible=st.booleans(), path=_TEXT)
_FINDINGS = st.builds(Finding, rule=_TEXT, severity=st.sampled_from(Severity), message=_TEXT, hint=_TEXT)
_PLANS = st.builds(
    Plan,
    release_id=_TEXT,
    environment=_TEXT,
    created_at=st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  # aware by timezones
    previous_commit=_TEXT,
    target_commit=_TEXT,
    subject=_TEXT,
    start_revision=st.none() | _TEXT,
    target_revision=_TEXT,
    pending=st.lists(_REVISIONS, max_size=3).map(tuple),
    steps=st.lists(st.builds(PlannedStep, name=_TEXT, intent=_TEXT), max_size=3).map(tuple),
    findings=st.lists(_FINDINGS, max_size=3).map(tuple),
    way_back=_TEXT,
)


def _stored(data: Any) -> Any:
    """Return what a ledger gives back."""
    return json.loads(json.dumps(data))


@settings(max_examples=60, deadline=None, database=None)
@given(_PLANS)
def test_a_plan_is_the_same_after_it_was_stored(plan: Plan) -> None:
    """Field by field, whatever is in it."""
    assert codec.plan_from_json(_stored(codec.plan_to_json(plan))) == plan


@settings(max_examples=30, deadline=None, database=None)
@given(st.lists(_FINDINGS, max_size=4).map(tuple))
def test_findings_are_the_same_after_they_were_stored(findings: tuple[Finding, ...]) -> None:
    """Severity included."""
    assert codec.findings_from_json(_stored(codec.findings_to_json(findings))) == findings


def test_an_error_is_stored_as_its_form() -> None:
    """Five fields, all of them text."""
    error = NoGoError("no", "it may not go", where="here", why="it would hurt", hint="mend it")
    form = {"reference": "no", "message": "it may not go", "where": "here", "why": "it would hurt", "hint": "mend it"}
    assert codec.error_to_json(error) == form


def test_texts_are_texts() -> None:
    """Whatever JSON made of them."""
    assert codec.texts({"a": 1, "b": None}) == {"a": "1", "b": "None"}
