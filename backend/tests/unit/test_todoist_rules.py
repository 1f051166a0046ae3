"""The rules of Todoist: forms, merging, commands, drift."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.features.todoist.rules.drift import Drift, classify, is_mass_deletion
from backend.features.todoist.rules.forms import MalformedItemError, columns_of, local_form, remote_due, remote_form
from backend.features.todoist.rules.merging import merge
from backend.features.todoist.rules.records import DELETED, DONE, FIELDS, OPEN, Form, Linked, LocalTask, Places
from backend.features.todoist.rules.telling import changes, creation
from backend.providers.todoist.records import Item

BERLIN = ZoneInfo("Europe/Berlin")
PROJECT = uuid4()
PLACES = Places(inbox="inbox", here={"P1": str(PROJECT), "P2": str(PROJECT)})


def task(**values: Any) -> LocalTask:
    """Return a task here."""
    columns: dict[str, Any] = {
        "id": UUID(int=1),
        "title": "Call Jo",
        "notes": "",
        "status": OPEN,
        "priority": 4,
        "due_on": None,
        "due_at": None,
        "due_zone": None,
        "recurrence": None,
        "labels": (),
        "project_id": None,
        "revision": 3,
    }
    return LocalTask(**{**columns, **values})


def item(**values: Any) -> Item:
    """Return a task over there, as it comes."""
    plain = {
        "id": "R1",
        "project_id": "inbox",
        "content": "Call Jo",
        "description": "",
        "priority": 1,
        "due": None,
        "labels": [],
        "checked": False,
        "is_deleted": False,
        "completed_at": None,
    }
    return Item.model_validate({**plain, **values})


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ({}, {}),
        ({"title": " Call Jo ", "notes": "x"}, {"content": "Call Jo\n", "description": " x "}),
        ({"priority": 1}, {"priority": 4}),
        ({"labels": ("b", " a", "b")}, {"labels": ["a", "b "]}),
        ({"project_id": PROJECT}, {"project_id": "P1"}),
        ({"project_id": PROJECT}, {"project_id": "P2"}),
        ({}, {"description": None}),
        ({"due_on": date(2026, 11, 27)}, {"due": {"date": "2026-11-27", "string": "27 Nov", "is_recurring": False}}),
        (
            {"due_on": date(2026, 11, 27), "due_at": datetime(2026, 11, 27, 14, 0, tzinfo=UTC)},
            {"due": {"date": "2026-11-27T15:00:00.000000"}},
        ),
        (
            {
                "due_on": date(2026, 11, 27),
                "due_at": datetime(2026, 11, 27, 14, 0, tzinfo=UTC),
                "due_zone": "America/Lima",
            },
            {"due": {"date": "2026-11-27T14:00:00Z", "timezone": "America/Lima"}},
        ),
        (
            {"due_on": date(2026, 11, 27), "recurrence": "every friday"},
            {"due": {"date": "2026-11-27", "string": "every friday ", "is_recurring": True}},
        ),
        ({"status": DONE}, {"checked": True, "is_deleted": True, "completed_at": "2026-11-20T10:00:00Z"}),
        ({"status": DELETED}, {"is_deleted": True}),
    ],
)
def test_the_same_task_has_the_same_form(here: dict[str, Any], there: dict[str, Any]) -> None:
    """However each side writes it; and what is written here from the form has that form again."""
    form = local_form(task(**here), BERLIN)

    assert form == remote_form(item(**there), PLACES, zone=BERLIN)
    columns = columns_of(form, BERLIN)
    again = {
        **columns,
        "due_on": columns["due_on"] and date.fromisoformat(columns["due_on"]),
        "due_at": columns["due_at"] and datetime.fromisoformat(columns["due_at"]),
        "labels": tuple(columns["labels"]),
        "project_id": columns["project_id"] and UUID(columns["project_id"]),
    }
    assert local_form(task(**again), BERLIN) == form


def test_what_is_not_said_is_as_it_was() -> None:
    """Missing is not null."""
    base = local_form(task(notes="x", labels=("a",), due_on=date(2026, 11, 27), project_id=PROJECT), BERLIN)

    assert remote_form(Item(id="R1", content="New"), PLACES, zone=BERLIN, base=base) == {**base, "title": "New"}
    nowhere = Item(id="R1", due=None, project_id="unknown")
    assert remote_form(nowhere, PLACES, zone=BERLIN, base=base) == {**base, "due": None}


@pytest.mark.parametrize("written", ["2027-03-28T02:30:00", "2026-10-25T02:30:00"])
def test_a_time_that_the_clocks_skip_or_repeat_is_no_drift(written: str) -> None:
    """As it is kept here it has the form that it came with, so that nothing is told to Todoist."""
    form = remote_form(item(due={"date": written}), PLACES, zone=BERLIN)
    columns = columns_of(form, BERLIN)
    kept = {"due_on": date.fromisoformat(columns["due_on"]), "due_at": datetime.fromisoformat(columns["due_at"])}

    assert local_form(task(**kept), BERLIN)["due"] == form["due"]


@pytest.mark.parametrize(
    "written", ["2026-13-01", "tomorrow!!", "0001-01-01", "9999-12-31T23:59:59Z", "2026-11-27T99:00"]
)
def test_a_date_that_is_none_makes_the_task_malformed(written: str) -> None:
    """It is left out, not guessed at."""
    with pytest.raises(MalformedItemError):
        remote_form(item(due={"date": written}), PLACES, zone=BERLIN)


values = {
    "title": st.sampled_from(["a", "b", "c"]),
    "notes": st.sampled_from(["", "x", "y"]),
    "priority": st.integers(1, 4),
    "due": st.sampled_from([None, {"date": "2026-11-27", "zone": None, "recurrence": None}]),
    "labels": st.sampled_from([[], ["a"], ["a", "b"]]),
    "project": st.sampled_from([None, "1", "2"]),
}
open_forms = st.fixed_dictionaries({**values, "status": st.just(OPEN)})
linked_forms = st.fixed_dictionaries({**values, "status": st.sampled_from([OPEN, DONE])})
forms = st.fixed_dictionaries({**values, "status": st.sampled_from([OPEN, DONE, DELETED])})


@given(base=forms, local=forms, remote=forms)
def test_a_merge_keeps_every_change_or_says_that_it_gave_way(base: Form, local: Form, remote: Form) -> None:
    """Todoist's changes are always kept; ours where Todoist's is another field, else they are in the list."""
    merged = merge(base, local, remote)
    lost = {each.field: each.value for each in merged.lost}

    for name in FIELDS:
        if remote[name] != base[name]:
            assert merged.form[name] == remote[name]
        if local[name] != base[name] and merged.form[name] != local[name]:
            assert lost[name] == local[name]
    assert merged.is_ahead == (merged.form != remote)
    assert lost.keys() <= {name for name in FIELDS if local[name] != base[name]}


@given(base=open_forms, local=forms, ended=st.sampled_from([DONE, DELETED]), remote=open_forms)
def test_an_end_over_there_wins(base: Form, local: Form, *, ended: str, remote: Form) -> None:
    """Nothing is told to Todoist of a task that is over there."""
    merged = merge(base, local, {**remote, "status": ended})

    assert merged.form["status"] == ended
    assert not merged.is_ahead


@given(base=forms, local=forms, remote=forms)
def test_merging_again_changes_nothing(base: Form, local: Form, remote: Form) -> None:
    """What was merged agrees with Todoist, but for what is still to be told."""
    first = merge(base, local, remote)
    again = merge(remote, first.form, remote)

    assert (again.form, again.lost) == (first.form, ())


@given(base=linked_forms, local=forms)
def test_telling_tells_exactly_what_changed(base: Form, local: Form) -> None:
    """What the commands make the same is what differed; nothing else is said."""
    linked = Linked(task=task(), remote_id="R1", base=base, known=2)
    places = Places(inbox="inbox", here={"P1": "1", "P2": "2"})

    told = [each.told for each in changes(linked, local, places=places)]

    if local["status"] == DELETED:
        assert told == [{"status": DELETED}]
    else:
        assert {**base, **{name: value for each in told for name, value in each.items()}} == local
        assert all(each[name] != base[name] for each in told for name in each)


@given(local=open_forms)
def test_a_creation_tells_everything(local: Form) -> None:
    """A project that Todoist does not have leaves the task in the inbox, and the base says so."""
    command = creation(task(), local, places=Places(inbox="inbox", here={"P1": "1"}))

    assert command.told == {**local, "project": local["project"] if local["project"] == "1" else None}
    assert command.args.get("project_id") == ("P1" if local["project"] == "1" else None)


def test_a_completion_of_a_recurring_task_closes_it() -> None:
    """Only an occurrence is over."""
    due = {"date": "2026-11-27", "zone": None, "recurrence": "every friday"}
    base = {**local_form(task(), BERLIN), "due": due}
    linked = Linked(task=task(), remote_id="R1", base=base, known=2)

    (command,) = changes(linked, {**base, "status": DONE}, places=PLACES)

    assert (command.type, command.args) == ("item_close", {"id": "R1"})
    assert remote_due(base) == {"date": "2026-11-27", "string": "every friday", "lang": "en"}


def test_each_kind_of_drift_is_told_from_the_others() -> None:
    """By what changed on which side."""
    base = local_form(task(), BERLIN)
    here, there = {**base, "title": "here"}, {**base, "notes": "there"}

    def kind(local: Form, remote: Form) -> Drift:
        return classify(base, local, remote=remote, merged=merge(base, local, remote))

    assert kind(base, base) is Drift.IN_SYNC
    assert kind(here, base) is Drift.LOCAL_AHEAD
    assert kind(base, there) is Drift.REMOTE_AHEAD
    assert kind(here, there) is Drift.CONFLICT
    assert kind(here, {**base, "title": "there"}) is Drift.CONFLICT
    assert kind(here, {**there, "status": DONE}) is Drift.REMOTE_COMPLETED
    assert kind(here, {**base, "status": DELETED}) is Drift.REMOTE_DELETED


@pytest.mark.parametrize(
    ("gone", "linked", "is_mass"), [(25, 30, False), (26, 30, True), (26, 130, False), (27, 130, True), (0, 0, False)]
)
def test_many_and_a_large_share_are_a_mass_deletion(gone: int, linked: int, *, is_mass: bool) -> None:
    """More than 25, and more than a fifth."""
    assert is_mass_deletion(gone, linked=linked) == is_mass
