"""A queue is judged by limits that are in gonogo.toml."""

import pytest

from gonogo import backlog
from gonogo.model import Limits, QueueFacts, QueueRow


def facts(*, oldest_s: float = 1.0, state: str = "ready", ended: int = 100, failed: int = 0) -> QueueFacts:
    """Return a queue with one row."""
    return QueueFacts(rows=(QueueRow(kind="k", state=state, count=1, oldest_s=oldest_s),), ended=ended, failed=failed)


class TestJudge:
    """What is over a limit is said, with the limit."""

    def test_good_queue_has_no_problem(self) -> None:
        """Within limits nothing is said."""
        assert backlog.judge(facts(failed=5), Limits()).problems == ()

    @pytest.mark.parametrize(
        ("seen", "said"),
        [
            (facts(oldest_s=601), "k: the oldest ready job has waited 601 s, more than 600 s"),
            (facts(failed=6), "6 of the last 100 jobs were given up, more than 5%"),
        ],
        ids=["age", "failures"],
    )
    def test_names_what_is_over(self, seen: QueueFacts, said: str) -> None:
        """The problem names the kind, the value and the limit."""
        assert backlog.judge(seen, Limits()).problems == (said,)

    def test_few_jobs_make_no_rate(self) -> None:
        """One failure of three is no rate, and dead jobs may be old."""
        assert backlog.judge(facts(state="dead", oldest_s=9e9, ended=3, failed=1), Limits()).problems == ()
