"""What a worker counts, for Prometheus; labels are bounded: kinds, outcomes and reasons, never ids or texts."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS_S = (0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0)


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
        self.busy = Gauge("worker_slots_busy", "Jobs under way", registry=self.registry)
        self.slots = Gauge("worker_slots", "Jobs that may be under way", registry=self.registry)
        self.beat_at = Gauge(
            "worker_heartbeat_timestamp_seconds", "When the database last took a heartbeat", registry=self.registry
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)
