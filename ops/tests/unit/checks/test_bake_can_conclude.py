"""The watch at the end sees enough to say anything."""

from dataclasses import replace

from gonogo.checks.bake_can_conclude import check
from gonogo.model import Limits, Severity
from gonogo.testing import config
from tests.unit.checks.verdicts import said


def test_a_bake_that_sees_enough_is_said() -> None:
    """With the numbers."""
    ((severity, message, _),) = said(check, config(limits=Limits(bake_s=10.0, bake_rate=10.0)))
    assert (severity, "about 100 probes in 10 s, and wants 100" in message) == (Severity.INFO, True)


def test_a_bake_that_would_be_extended_is_foretold() -> None:
    """It takes longer than it says."""
    ((severity, message, _),) = said(check, config(limits=Limits(bake_s=10.0)))
    assert (severity, "it would be extended" in message) == (Severity.INFO, True)


def test_a_bake_that_can_never_see_enough_blocks() -> None:
    """Every release would be undone at its last step but one."""
    thin = config(limits=Limits(bake_s=10.0, bake_extend_s=1.0))
    ((severity, message, hint),) = said(check, thin)
    assert (severity, "could send 30 probes" in message) == (Severity.BLOCK, True)
    assert "limits.bake_min_requests" in hint


def test_where_thin_evidence_is_accepted_it_does_not_block() -> None:
    """For a reason that is written down."""
    thin = config(limits=Limits(bake_s=10.0, bake_extend_s=0.0))
    accepted = replace(thin, target=replace(thin.target, accept_thin_bake="nobody is here"))
    assert said(check, accepted)[0][0] is Severity.INFO
