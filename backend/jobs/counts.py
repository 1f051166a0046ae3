"""What a worker counts, for Prometheus; labels are bounded: kinds, outcomes and reasons, never ids or texts."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS_S = (0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Depth:
    """The jobs of one kind in one state.

    Attributes:
        kind: What they do.
        state: ready, delayed, running or dead.
        number: How many.
        oldest_s: How long the oldest has been ready or dead; 0 in the other states.
    """

    kind: str
    state: str
    number: int
    oldest_s: float


class Counts:
    """The counts of one worker process."""

    def __init__(self) -> None:
        """Begin at zero."""
        self.registry = CollectorRegistry()
        self.started = self._counter("job_attempts_total", "Attempts begun", "kind")
        self.finished = self._counter("jobs_finished_total", "Attempts ended", "kind", "outcome")
        self.taken_over = self._counter("jobs_taken_over_total", "Jobs that another worker had lost")
        self.deferred = self._counter(
            "jobs_deferred_total", "Jobs put back because this build cannot run them", "reason"
        )
        self.seconds = Histogram(
            "job_duration_seconds", "Time of an attempt", ("kind",), buckets=_BUCKETS_S, registry=self.registry
        )
        self._depth = self._gauge("jobs_depth", "Jobs that are not over, or were given up")
        self._oldest = self._gauge("jobs_oldest_seconds", "How long the oldest has been ready, or given up")
        self._seen: set[tuple[str, str]] = set()
        self.busy = Gauge("worker_slots_busy", "Jobs under way", registry=self.registry)
        self.slots = Gauge("worker_slots", "Jobs that may be under way", registry=self.registry)
        self.beat_at = Gauge(
            "worker_heartbeat_timestamp_seconds", "When the database last took a heartbeat", registry=self.registry
        )

    def show_depth(self, depths: Iterable[Depth]) -> None:
        """Show how much is in the queue; what was there and is no more is shown as none.

        Args:
            depths: By kind and state; the rest is empty.
        """
        gone = set(self._seen)
        for each in depths:
            labels = (each.kind, each.state)
            self._depth.labels(*labels).set(each.number)
            self._oldest.labels(*labels).set(each.oldest_s)
            self._seen.add(labels)
            gone.discard(labels)
        for labels in gone:
            self._depth.labels(*labels).set(0)
            self._oldest.labels(*labels).set(0)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, ("kind", "state"), registry=self.registry)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)
