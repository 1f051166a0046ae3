"""What has been changed in Coolify since the last release is released along with this one."""

from dataclasses import replace
from typing import Any

import pytest

from gonogo import snapshots
from gonogo.checks.setup_is_unchanged import check
from gonogo.model import JSON, Pin, Severity, Snapshot, Variable
from gonogo.testing import NEW, OLD, Scene
from tests.unit.checks.verdicts import api, said
from tests.unit.releases import observed

PINNED = replace(api(), pin=Pin.of_commit(OLD))
WORKER = replace(observed().platform.worker, pin=Pin.of_commit(OLD))
LAST = snapshots.of(observed(Scene()))


def _last(**changes: Any) -> Snapshot:
    """Return how the last release left the API, changed."""
    return replace(LAST, api=replace(LAST.api, **changes))


def _found(last: Snapshot, settings: dict[str, JSON] | None = None, **facts: Any) -> list[tuple[Severity, str, str]]:
    """Return what is found when the last release left it so."""
    now = replace(PINNED, settings=settings or {})
    return said(check, last=last, platform__api=now, platform__worker=WORKER, **facts)


def _variables(**values: str | None) -> tuple[Variable, ...]:
    """Return variables by name and fingerprint."""
    return tuple(Variable(key=key, fingerprint=value) for key, value in values.items())


def test_nothing_changed_is_said() -> None:
    """Both applications, settings and variables."""
    ((severity, message, _),) = _found(_last(settings={"ports_exposes": "80"}), {"ports_exposes": "80"})
    assert (severity, "as the last release left them" in message) == (Severity.INFO, True)


@pytest.mark.parametrize(
    ("was", "now", "words"),
    [
        (True, False, "was on, is off"),
        (None, 45, "was unset, is 45"),
        ("/ready", "/", "was /ready, is /"),
        ("", "a b; c", "was changed"),
    ],
)
def test_each_setting_that_changed_is_told(was: JSON, now: JSON, words: str) -> None:
    """With both values where they are plain; anything longer or odder may hold a secret."""
    ((severity, message, hint),) = _found(_last(settings={"stop_grace_period": was}), {"stop_grace_period": now})
    assert (severity, f"stop_grace_period {words}" in message) == (Severity.ADVISE, True)
    assert hint.startswith("put stop_grace_period (in Coolify: Advanced, Stop Grace Period) back")


def test_a_setting_that_only_one_side_knows_is_no_change() -> None:
    """A newer toolkit reads more of them."""
    ((severity, _, _),) = _found(_last(settings={"a": 1}), {"b": 2})
    assert severity is Severity.INFO


def test_variables_are_told_by_name_and_by_what_happened() -> None:
    """Never a value, nor its hash."""
    last = _last(variables={"GONE": "f1", "SAME": "f2", "OTHER": "f3", "HIDDEN": "f4"})
    now = _variables(NEW="f5", SAME="f2", OTHER="f6", HIDDEN=None)
    told = [message for _, message, _ in _found(last, platform__api_variables=now)]
    assert [message.split(";")[0] for message in told] == [
        "api: variables added since the last release: NEW",
        "api: variables removed since the last release: GONE",
        "api: variables changed since the last release: OTHER",
    ]
    assert not any(f"f{number}" in " ".join(told) for number in range(1, 7))


@pytest.mark.parametrize("now", [None, _variables(NEW="f")])
def test_variables_that_were_never_read_are_not_compared(now: tuple[Variable, ...] | None) -> None:
    """Neither then nor now."""
    last = _last(variables={} if now else {"GONE": "f"})
    ((severity, _, _),) = _found(last, platform__api_variables=now)
    assert severity is Severity.INFO


def test_another_commit_to_deploy_is_told() -> None:
    """Somebody set it."""
    ((severity, message, hint),) = _found(_last(pin=Pin.of_commit(NEW)))
    assert (severity, "git_commit_sha was b0000" in message, "Git Source" in hint) == (Severity.ADVISE, True, True)


def test_no_commit_to_deploy_is_no_change() -> None:
    """A new application says HEAD, and so does one that was released by hand."""
    head = replace(PINNED, pin=Pin.of_commit("HEAD"))
    ((severity, _, _),) = said(check, last=LAST, platform__api=head, platform__worker=WORKER)
    assert severity is Severity.INFO


def test_another_version_that_serves_is_told() -> None:
    """It came by no release from here."""
    ((severity, message, _),) = _found(replace(LAST, commit=NEW))
    assert (severity, "a00000000000 serves, the last release left b00000000000" in message) == (Severity.ADVISE, True)


@pytest.mark.parametrize("last", [None, _last(uuid="another", settings={"a": 1})])
def test_without_a_release_before_there_is_nothing_to_compare(last: Snapshot | None) -> None:
    """And that is said; other applications under the same name, as a new stack's, are no release before."""
    ((severity, message, _),) = _found(last, {"a": 2}) if last else said(check)
    assert (severity, "no earlier release" in message) == (Severity.INFO, True)
