"""What a release costs beside its work: a rehearsal less its programs, waits and others' answers; and start-up."""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from bench.servers import ROOT
from gonogo import bootstrap
from gonogo.adapters import processes
from gonogo.local import rehearsal
from gonogo.model import Entry, Verdict
from gonogo.protocols import Clock, Database, Platform, Service, World

_RATE = 20
_ROUNDS = 5
_BARE = 'from invoke.tasks import task\n\n@task\ndef nothing(c):\n    """Do nothing."""\n'
Span = tuple[float, float]


@dataclass(slots=True)
class Watch:
    """What a release spent its time on.

    Attributes:
        spans: by kind, when each of it began and ended; they may overlap, and lie inside one another.
    """

    spans: dict[str, list[Span]] = field(default_factory=dict)

    def timed(self, kind: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same call, noted.

        Args:
            kind: What it is counted as.
            call: What is called.
        """

        def noted(*args: object, **kwargs: object) -> object:
            began = time.monotonic()
            try:
                return call(*args, **kwargs)
            finally:
                self.spans.setdefault(kind, []).append((began, time.monotonic()))

        return noted

    def dressed(self, world: World) -> World:
        """Return a world whose waits and questions are noted.

        Args:
            world: Where a release happens.
        """
        return replace(
            world,
            clock=cast(Clock, _Noted(world.clock, "waits", self, only="sleep")),
            platform=cast(Platform, _Noted(world.platform, "answers", self)),
            service=cast(Service, _Noted(world.service, "answers", self)),
            database=cast(Database, _Noted(world.database, "answers", self)),
        )

    def seconds(self, *kinds: str) -> float:
        """Return how long any of these went on, each moment counted once.

        Args:
            kinds: What is counted.
        """
        total, reached = 0.0, 0.0
        for began, ended in sorted(span for kind in kinds for span in self.spans.get(kind, ())):
            total += max(0.0, ended - max(began, reached))
            reached = max(reached, ended)
        return total


class _Noted:
    """A port whose calls are noted."""

    def __init__(self, port: object, kind: str, watch: Watch, *, only: str = "") -> None:
        self._port = port
        self._kind = kind
        self._watch = watch
        self._only = only

    def __getattr__(self, name: str) -> Any:  # whatever the port has
        found = getattr(self._port, name)
        return found if self._only not in {"", name} else self._watch.timed(self._kind, found)


def measure() -> dict[str, float]:
    """Return the seconds of a rehearsed release by what they went to, the tool's own share, and start-up's ratio."""
    watch = Watch()
    environ: Mapping[str, str] = os.environ
    with _programs_noted(watch), rehearsal.session(_wish(), environ=environ, progress=_quiet) as stage:
        dress = stage.dress
        on = replace(stage, dress=lambda world: watch.dressed(dress(world)))
        watch.spans.clear()
        began = time.monotonic()
        report = bootstrap.carry_out(on.config, on.world(_nobody), bootstrap.plan(on.config, on.world(_nobody)))
        wall = time.monotonic() - began
    if report.verdict is not Verdict.RELEASED:
        sys.exit(f"the rehearsal ended as {report.verdict.value}: {report.reason}")
    return {**_shares(watch, wall), "invoke --list / invoke alone": _start_up()}


def _shares(watch: Watch, wall: float) -> dict[str, float]:
    own = wall - watch.seconds("programs", "waits", "answers")
    return {
        "release, s": wall,
        **{f"release: {kind}, s": watch.seconds(kind) for kind in ("programs", "waits", "answers")},
        "release: the tool itself, s": own,
        "release: the tool itself, percent": own / wall * 100,
    }


def _wish() -> rehearsal.Wish:
    return rehearsal.Wish(root=ROOT, rate=_RATE)


@contextmanager
def _programs_noted(watch: Watch) -> Iterator[None]:
    run = processes.run
    processes.run = watch.timed("programs", run)
    try:
        yield
    finally:
        processes.run = run


def _start_up() -> float:
    """Return how much longer the tasks are listed than those of an empty file, by turns."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        (Path(folder) / "tasks.py").write_text(_BARE)
        pairs = [(_listed(ROOT), _listed(Path(folder))) for _ in range(_ROUNDS)]
    return statistics.median(ours / bare for ours, bare in pairs)


def _listed(folder: Path) -> float:
    began = time.monotonic()
    subprocess.run((sys.executable, "-m", "invoke", "--list"), cwd=folder, stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - began


def _quiet(line: str) -> None:
    del line


def _nobody(entry: Entry) -> None:
    del entry
