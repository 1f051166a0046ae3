"""What is remembered of a history from one command to the next: what it sends, and how it was judged.

It counts for as long as nothing changes: no file of the project, nothing of ours that judges, nor the day, which
waivers end by.
"""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import gonogo
from gonogo import codec
from gonogo.adapters import capturing
from gonogo.adapters.files import write_whole
from gonogo.model import (
    Deeds,
    ExpectedLock,
    Judged,
    Judgement,
    LintFinding,
    LockMode,
    Manner,
    Place,
    Revision,
    Severity,
)

# What judges: when any of it changes, what was judged before counts no more.
_JUDGES = ("lint", "linting", "adapters", "model", "deeds", "trying", "foresight.py")


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """Where a history, as its files are at a moment, is remembered.

    Attributes:
        captured: what its revisions send.
        judged: how it was judged.
    """

    captured: Path
    judged: Path

    @classmethod
    def of(cls, folder: Path, source: capturing.Source, *, drift: bool) -> "Memory":
        """Return the memory of a history as it is now.

        Args:
            folder: where all of it is kept.
            source: whose migrations.
            drift: whether the models are compared with the schema.
        """
        captured = capturing.remembered(folder / "captures", source, drift=drift)
        today = datetime.now(UTC).date().isoformat().replace("-", "")
        digest = hashlib.sha256(f"{captured.name}\0{_judges()}".encode())
        return cls(captured=captured, judged=folder / "judged" / f"{today}-{digest.hexdigest()[:32]}.json")

    @property
    def is_captured(self) -> bool:
        """Return whether the history need not be run again."""
        return self.captured.is_file()

    def recalled(self) -> Judgement | None:
        """Return the history as it was judged today; None where it was not, or has changed since."""
        with suppress(OSError, ValueError, LookupError, TypeError):  # not there, or damaged: it is judged anew
            told = json.loads(self.judged.read_text(encoding="utf-8"))
            return Judgement(
                revisions=tuple(_judged(each) for each in told["revisions"]),
                heads=tuple(told["heads"]),
                findings=_findings(told["findings"]),
                notes=tuple(told["notes"]),
            )
        return None

    def keep(self, judgement: Judgement) -> None:
        """Keep a judgement, where the history was captured as a whole; those of other days and files are removed."""
        if not self.is_captured:
            return
        self.judged.parent.mkdir(parents=True, exist_ok=True)
        for former in self.judged.parent.glob("*.json"):
            former.unlink(missing_ok=True)
        write_whole(self.judged, json.dumps(judgement, default=codec.fields, check_circular=False))


def _judges() -> str:
    """Return what tells one state of the judging code from another."""
    home = Path(gonogo.__file__).parent
    seen = ((path, path.stat()) for judge in _JUDGES for path in sorted(_modules(home / judge)))
    return "".join(f"{path}\0{stat.st_mtime_ns}\0{stat.st_size}\0" for path, stat in seen)


def _modules(place: Path) -> Iterable[Path]:
    """Return a room's modules, those of its rooms included; a module is itself one."""
    return (place,) if place.suffix else (*place.glob("*.py"), *place.glob("*/*.py"))


def _judged(told: Any) -> Judged:  # JSON
    return Judged(
        revision=Revision(**told["revision"]),
        parents=tuple(told["parents"]),
        sql=told["sql"],
        manner=Manner(told["manner"]),
        findings=_findings(told["findings"]),
        deeds=_deeds(told["deeds"]),
    )


def _findings(told: Any) -> tuple[LintFinding, ...]:  # JSON
    return tuple(LintFinding(**{**each, "severity": Severity(each["severity"])}) for each in told)


def _deeds(told: Any) -> Deeds:  # JSON
    plain: dict[str, Any] = {name: tuple(each) if isinstance(each, list) else each for name, each in told.items()}
    for name in ("takes", "gives_back"):
        plain[name] = tuple(Place(**each) for each in told[name])
    plain["locks"] = tuple(ExpectedLock(**{**each, "mode": LockMode(each["mode"])}) for each in told["locks"])
    return Deeds(**plain)
