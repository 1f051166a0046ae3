"""Models that say something else than the schema."""

from gonogo import lint
from gonogo.model import Chain, Severity
from tests.lint.samples import migration


def test_each_difference_stops() -> None:
    """In Alembic's words."""
    chain = Chain(migrations=(migration(),), heads=("r2",), drift=("add_column users.age",))
    (finding,) = lint.judge_chain(chain)
    assert (finding.reference, finding.severity) == ("model-drift", Severity.BLOCK)
    assert "add_column users.age" in finding.message


def test_none_and_not_compared_are_let_pass() -> None:
    """Both."""
    for drift in (None, ()):
        assert lint.judge_chain(Chain(migrations=(migration(),), heads=("r2",), drift=drift)) == ()
