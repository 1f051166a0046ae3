"""A history with several heads."""

from gonogo import lint
from gonogo.model import Chain, Severity
from tests.lint.samples import migration


def test_two_heads_stop_and_the_merge_is_written_out() -> None:
    """With their names."""
    chain = Chain(migrations=(migration(name="a"), migration(name="b")), heads=("a", "b"))
    (finding,) = lint.judge_chain(chain)
    assert (finding.reference, finding.severity) == ("multiple-heads", Severity.BLOCK)
    assert 'alembic merge -m "merge heads" a b' in finding.fix


def test_one_head_is_let_pass() -> None:
    """Nothing is said; of an empty history neither."""
    assert lint.judge_chain(Chain(migrations=(migration(),), heads=("r2",))) == ()
    assert lint.judge_chain(Chain(migrations=(), heads=())) == ()
