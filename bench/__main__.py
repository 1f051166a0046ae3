"""Run the measurements and hold them against their bars: python -m bench [--quick]."""

import json
import sys
from collections.abc import Mapping

from bench import added, backups, depth, history, overhead, quiet, servers, throughput

# At least, or at most, what the project promises.
_AT_LEAST = {"ours / taskiq alone": 0.7, "ours / bare loop": 0.45}
_AT_MOST = {
    "pick-up p95 ms": 20.0,
    "idle queries a second": 2.0,
    "idle CPU percent": 1.0,
    "claim grows by": 1.5,
    "statements that an enqueue adds to a request": 1.0,
    "jobs.status, 1,000,000 finished jobs, ms": 200.0,
    "release: the tool itself, percent": 10.0,
    "plan + lint of 500 revisions, cold / bare, wall": 1.3,
    "plan + lint of 500 revisions, again / bare, wall": 1.3,
    "backup / bare pg_dump": 1.10,
    "restore check / bare pg_restore": 1.25,
    "backup: memory of its processes, MiB": 200.0,
}


def main(arguments: list[str]) -> int:
    """Measure, print one JSON object, and return 1 when a bar is not met.

    Args:
        arguments: "--quick" measures less, for a look.
    """
    is_quick = "--quick" in arguments
    figures = overhead.measure() | history.measure(rounds=2 if is_quick else 5)
    figures |= backups.measure(megabytes=100 if is_quick else 1000, rounds=1 if is_quick else 3)
    with servers.running() as where:
        figures |= {
            **added.measure(where),
            **throughput.measure(where, jobs=2_000 if is_quick else 5_000, rounds=2 if is_quick else 5),
            **quiet.measure(where, jobs=60 if is_quick else 200, idle_s=10 if is_quick else 60),
            **depth.measure(where, finished=50_000 if is_quick else 1_000_000),
        }
    missed = _missed(figures)
    rounded = {name: round(value, 3) for name, value in figures.items()}
    sys.stdout.write(json.dumps({"figures": rounded, "missed": missed}, indent=2) + "\n")
    return 1 if missed else 0


def _missed(figures: Mapping[str, float]) -> list[str]:
    low = [f"{name}: {figures[name]:.2f} is below {bar:g}" for name, bar in _AT_LEAST.items() if figures[name] < bar]
    seen = {name: figures[name] for name in _AT_MOST if name in figures}
    return low + [
        f"{name}: {value:.2f} is above {_AT_MOST[name]:g}" for name, value in seen.items() if value > _AT_MOST[name]
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
