"""A queue is judged by limits that are in gonogo.toml."""

import pytest

from gonogo import backlog
from gonogo.model import Limits, QueueFacts, QueueForm, QueueRow, Reader


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


class TestUnreadable:
    """Jobs that no worker can run wait, and that is said."""

    def test_a_newer_form_waits_for_a_newer_worker(self) -> None:
        """As after a rollback: the problem names kind, number and form."""
        newer = QueueForm(kind="plan.refresh", envelope=2, count=3)
        known = QueueForm(kind="plan.refresh", envelope=1, count=9)
        readers = (Reader(envelope=1, kinds=("plan.refresh",)),)
        seen = QueueFacts(rows=(), ended=0, failed=0, forms=(known, newer), readers=readers)

        judged = backlog.judge(seen, Limits())
        assert judged.stranded == ("plan.refresh: 3 of envelope 2, which no worker that beats can read",)
        assert judged.problems == ()  # no limit is broken by it

    @pytest.mark.parametrize(
        ("reader", "is_read"),
        [
            (Reader(envelope=2, kinds=("k",)), True),
            (Reader(envelope=3, kinds=("k", "other")), True),
            (Reader(envelope=1, kinds=("k",)), False),
            (Reader(envelope=2, kinds=("other",)), False),
        ],
    )
    def test_a_worker_reads_its_kinds_up_to_its_form(self, reader: Reader, is_read: bool) -> None:
        """Both must fit."""
        form = QueueForm(kind="k", envelope=2, count=1)

        assert backlog.unreadable([form], [reader]) == (() if is_read else (form,))

    def test_one_worker_that_can_is_enough(self) -> None:
        """While a worker rolls, the new one reads what the old one cannot."""
        readers = [Reader(envelope=1, kinds=("k",)), Reader(envelope=2, kinds=("k",))]

        assert backlog.unreadable([QueueForm(kind="k", envelope=2, count=1)], readers) == ()

    def test_workers_that_do_not_say_accuse_nobody(self) -> None:
        """An older release tells nothing of what it can read."""
        assert backlog.unreadable([QueueForm(kind="k", envelope=2, count=1)], None) == ()
