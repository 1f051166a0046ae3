"""An environment's backups as one list, wherever they are: what each is worth, what is wrong with all of them. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from gonogo.model import Backup, BackupPolicy, Copy, Drill, PhysicalBackup

# A backup is held against so many before it, and should not be smaller than this share of their median.
_BEFORE = 7
_SHARE = 0.5
# The engine that copies files.
PHYSICAL = "pg_basebackup"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """One backup.

    Attributes:
        size_bytes: of the backup itself, or of its copy where that is all there is.
        here: whether it is on this machine.
        copy: its whole copy at the other place; None where it has none.
        proven_at: when a drill last proved it.
        problem: why what is here or there cannot be relied on; empty when nothing is wrong.
    """

    name: str
    taken_at: datetime | None
    size_bytes: int
    schema_revision: str | None
    here: bool
    copy: Copy | None = None
    proven_at: datetime | None = None
    problem: str = ""
    seconds: float | None = None

    @property
    def where(self) -> str:
        """Return where it is, in a word."""
        return {(True, True): "both", (True, False): "here", (False, True): "offsite"}.get(
            (self.here, self.copy is not None), "nowhere"
        )

    @property
    def is_good(self) -> bool:
        """Return whether nothing is known to be wrong with it."""
        return not self.problem and self.taken_at is not None


def joined(
    here: Sequence[Backup],
    copies: Sequence[Copy],
    *,
    broken: Mapping[str, str],
    drills: Sequence[Drill],
) -> tuple[Kept, ...]:
    """Return all backups, newest first.

    Args:
        here: those on this machine whose manifests can be read.
        copies: those at the other place.
        broken: by name or place, what was meant to be a backup and is none.
        drills: all, oldest first.
    """
    proofs = {each.backup: each.ended_at for each in drills if each.is_good}
    away = {each.name: each for each in copies}
    found = [_of_backup(each, away.pop(each.name, None), broken, proofs) for each in here]
    found += [
        Kept(
            name=each.name,
            taken_at=each.taken_at,
            size_bytes=each.size_bytes,
            schema_revision=each.schema_revision,
            here=False,
            copy=each,
            proven_at=proofs.get(each.name),
        )
        for each in away.values()
    ]
    named = {each.name for each in found}
    found += [
        Kept(name=name, taken_at=None, size_bytes=0, schema_revision=None, here=False, problem=why)
        for name, why in broken.items()
        if name not in named
    ]
    return tuple(sorted(found, key=lambda each: (each.taken_at or _LONG_AGO, each.name), reverse=True))


def _of_backup(backup: Backup, copy: Copy | None, broken: Mapping[str, str], proofs: Mapping[str, datetime]) -> Kept:
    """Return a backup that is on this machine."""
    begun, ended = backup.taken_at, backup.finished_at
    return Kept(
        name=backup.name,
        taken_at=backup.taken_at,
        size_bytes=backup.size_bytes,
        schema_revision=backup.schema_revision,
        here=True,
        copy=copy,
        proven_at=proofs.get(backup.name),
        problem=broken.get(backup.name, ""),
        seconds=(ended - begun).total_seconds() if begun and ended else None,
    )


def problems(kept: Sequence[Kept], policy: BackupPolicy, *, now: datetime) -> tuple[str, ...]:
    """Return all that somebody has to see to, a sentence each; nothing when backups are well.

    Args:
        kept: all backups, newest first.
        policy: what is asked for.
        now: the time.
    """
    good = [each for each in kept if each.is_good]
    # Where the engine takes physical backups, dumps are what releases take: of no age.
    told = [*([] if policy.engine == PHYSICAL else _of_age(good, policy, now)), *_of_size(good)]
    if policy.offsite:
        told += _of_copies(good, policy, now)
    if policy.proven_days:
        told += _of_proof(kept, policy, now)
    return (*told, *(f"{each.name} is not to be relied on: {each.problem}" for each in kept if each.problem))


def of_physical(backups: Sequence[PhysicalBackup], policy: BackupPolicy, *, now: datetime) -> Iterator[str]:
    """Yield that the newest physical backup is missing or too old.

    Args:
        backups: all whose manifests can be read, oldest first.
        policy: what is asked for.
        now: the time.
    """
    if not backups:
        yield "there is no physical backup"
        return
    newest = backups[-1]
    hours = (now - newest.finished_at).total_seconds() / 3600
    if hours > policy.max_age_h:
        yield f"the newest physical backup, {newest.name}, is {hours:.1f} h old; {policy.max_age_h} h are allowed"


def _of_age(good: Sequence[Kept], policy: BackupPolicy, now: datetime) -> Iterator[str]:
    """Yield that the newest backup is too old."""
    if not good:
        yield "there is no good backup"
    elif (hours := age_h(good[0], now)) > policy.max_age_h:
        yield f"the newest good backup, {good[0].name}, is {hours:.1f} h old; {policy.max_age_h} h are allowed"


def _of_size(good: Sequence[Kept]) -> Iterator[str]:
    """Yield that the newest backup is much smaller than those before it."""
    sizes = [each.size_bytes for each in good[1 : _BEFORE + 1]]
    if sizes and good[0].size_bytes < _SHARE * median(sizes):
        yield (
            f"the newest, {good[0].name}, has {good[0].size_bytes:,} bytes; "
            f"the median of the {len(sizes)} before it is {median(sizes):,.0f}: is data missing?"
        )


def _of_copies(good: Sequence[Kept], policy: BackupPolicy, now: datetime) -> Iterator[str]:
    """Yield that the newest copy at the other place is missing or too old."""
    newest = next((each for each in good if each.copy), None)
    if newest is None:
        yield "there is no copy at the other place"
    elif (hours := age_h(newest, now)) > policy.max_age_h:
        yield f"the newest copy elsewhere, of {newest.name}, is {hours:.1f} h old; {policy.max_age_h} h are allowed"


def _of_proof(kept: Sequence[Kept], policy: BackupPolicy, now: datetime) -> Iterator[str]:
    """Yield that the last drill is too long ago."""
    proofs = [each.proven_at for each in kept if each.proven_at]
    if not proofs:
        yield "no backup is proven: no drill has been passed with one that is still there"
    elif (age := now - max(proofs)) > timedelta(days=policy.proven_days):
        yield f"the last drill was passed {age.days} days ago; {policy.proven_days} are allowed"


def age_h(kept: Kept, now: datetime) -> float:
    """Return how old a backup's data is, hours."""
    return (now - (kept.taken_at or _LONG_AGO)).total_seconds() / 3600


def metrics(
    kept: Sequence[Kept],
    drills: Sequence[Drill],
    physical: Sequence[PhysicalBackup] = (),
    *,
    environment: str,
    well: bool,
) -> str:
    """Return what a monitor reads, in Prometheus' text format; what is not known is left out.

    Args:
        kept: all backups, newest first.
        drills: all, oldest first.
        physical: all physical backups, oldest first.
        environment: whose.
        well: whether nothing is wrong.
    """
    label = environment.replace("\\", r"\\").replace('"', r"\"")
    return "".join(
        f'# HELP {name} {help_}\n# TYPE {name} gauge\n{name}{{environment="{label}"}} {value:.15g}\n'
        for name, help_, value in _measured(kept, drills, physical, well=well)
        if value is not None
    )


def _measured(
    kept: Sequence[Kept], drills: Sequence[Drill], physical: Sequence[PhysicalBackup], *, well: bool
) -> tuple[tuple[str, str, float | None], ...]:
    """Return each metric's name, what it is, and its value; None where that is not known."""
    good = [each for each in kept if each.is_good and each.taken_at]
    passed = [each for each in drills if each.is_good]
    newest = next(iter(good), None)
    copied = next((each for each in good if each.copy), None)
    return (
        (
            "backup_last_success_timestamp_seconds",
            "when the newest good backup was taken",
            _stamp(newest) if newest else None,
        ),
        ("backup_size_bytes", "size of the newest good backup", newest.size_bytes if newest else None),
        ("backup_duration_seconds", "how long the newest good backup took", newest.seconds if newest else None),
        (
            "backup_offsite_last_success_timestamp_seconds",
            "the same, of those that have a copy",
            _stamp(copied) if copied else None,
        ),
        (
            "backup_physical_last_success_timestamp_seconds",
            "when the newest physical backup was finished",
            physical[-1].finished_at.timestamp() if physical else None,
        ),
        ("backup_verify_ok", "1 when nothing is wrong with any backup, or with their schedule", int(well)),
        ("backup_count", "good backups, here or at the other place", len(good)),
        *_of_drill(passed[-1] if passed else None),
    )


def _of_drill(last: Drill | None) -> tuple[tuple[str, str, float | None], ...]:
    """Return what is measured of the last passed drill: name, help and value."""
    ended, rto_s, rpo_s = (last.ended_at.timestamp(), last.rto_s, last.rpo_s) if last else (None, None, None)
    return (
        ("restore_drill_last_success_timestamp_seconds", "when a drill was last passed", ended),
        ("restore_drill_rto_seconds", "how long the last passed drill took", rto_s),
        ("restore_drill_rpo_seconds", "how old its data was", rpo_s),
    )


def _stamp(kept: Kept) -> float | None:
    """Return when a backup was taken, seconds since 1970."""
    return kept.taken_at.timestamp() if kept.taken_at else None
