"""What the traffic wrote down: one JSON object per line and request."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from gonogo.model import Request


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """One request.

    Attributes:
        t: when it was over, answered or failed, seconds since the epoch.
        ms: from when it was due to its whole answer, milliseconds, so a late sender cannot hide a slow server.
        kind: capture or read.
        status: HTTP status; None when nothing answered.
        error: why it failed; None when the answer was the expected one.
        commit: the commit that answered, where the service says so.
    """

    t: float
    ms: float
    kind: str
    status: int | None
    error: str | None
    commit: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class TrafficSummary:
    """Every request of a run, counted; times in milliseconds."""

    total: int
    failed: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    duration_s: float


def line(sample: Sample) -> str:
    """Return a sample as a line of the file."""
    return json.dumps(asdict(sample)) + "\n"


def read(path: Path) -> list[Sample]:
    """Return every sample of a file, oldest first; a last line that is being written is left out."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    return sorted((Sample(**json.loads(text)) for text in lines), key=lambda sample: sample.t)


def requests_from(path: Path, offset: int) -> tuple[tuple[Request, ...], int]:
    """Return the requests that a file got since an offset, and the offset to go on from.

    Args:
        path: the file.
        offset: bytes already read; 0 for the beginning.
    """
    if not path.exists():
        return (), offset
    with path.open("rb") as file:
        file.seek(offset)
        whole, newline, _ = file.read().rpartition(b"\n")
    lines = whole.decode("utf-8").split("\n") if newline else []
    return tuple(_request(Sample(**json.loads(text))) for text in lines), offset + len(whole) + len(newline)


def _request(sample: Sample) -> Request:
    failed = sample.error is not None
    return Request(at=sample.t, ms=sample.ms, status=sample.status, failed=failed, kind=sample.kind)


def summarise(samples: Sequence[Sample]) -> TrafficSummary:
    """Return the counts and percentiles of samples."""
    times = sorted(sample.ms for sample in samples)
    return TrafficSummary(
        total=len(samples),
        failed=sum(sample.error is not None for sample in samples),
        p50_ms=_percentile(times, 0.50),
        p95_ms=_percentile(times, 0.95),
        p99_ms=_percentile(times, 0.99),
        duration_s=samples[-1].t - samples[0].t if samples else 0.0,
    )


def _percentile(ordered: Sequence[float], share: float) -> float:
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else 0.0
