"""Whether backups are well: what a monitor is told, and what a person reads."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gonogo import stock
from gonogo.model import Backup, BackupPolicy, Copy, Drill, Offsite, PhysicalBackup
from gonogo.stock import Kept

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
OFFSITE = Offsite(url="file:///mnt/backups", recipients=("age1a", "age1b"))
POLICY = BackupPolicy(offsite=OFFSITE, proven_days=30)


def backup(hours: float, size: int = 1000) -> Backup:
    """Return one on this machine, so many hours old."""
    at = NOW - timedelta(hours=hours)
    folder = Path(f"{at:%Y%m%dT%H%M%S}")
    return Backup(
        dump=folder / "dump",
        manifest=folder / "manifest.json",
        sha256="a" * 64,
        size_bytes=size,
        server_version="18.4",
        schema_revision="r1",
        row_counts={},
        taken_at=at,
        finished_at=at + timedelta(minutes=2),
    )


def copy(of: Backup) -> Copy:
    """Return its copy."""
    assert of.taken_at
    return Copy(
        name=of.name, key=f"prod/{of.name}.json", taken_at=of.taken_at, size_bytes=of.size_bytes + 9, sha256="b"
    )


def drill(of: Backup, days: float, *problems: str) -> Drill:
    """Return a drill of it, so many days ago."""
    at = NOW - timedelta(days=days)
    return Drill(
        drill_id=f"d{days}",
        environment="prod",
        backup=of.name,
        taken_at=of.taken_at,
        is_offsite=True,
        started_at=at,
        ended_at=at,
        schema_revision="r1",
        problems=problems,
        rto_s=61.5,
        rpo_s=3600,
    )


def shown(*here: Backup, copies: bool = True, drills: tuple[Drill, ...] = (), **broken: str) -> tuple[Kept, ...]:
    """Return backups on this machine, each with a copy."""
    away = [copy(each) for each in here] if copies else []
    return stock.joined(here, away, broken=broken, drills=drills)


def test_they_are_one_list_newest_first() -> None:
    """Wherever they are: here, at the other place, or both; and when they were proven."""
    first, second, third = backup(50), backup(26), backup(2)
    kept = stock.joined(
        [first, third],
        [copy(first), copy(second)],
        broken={"x": "cut off"},
        drills=(drill(first, 1), drill(third, 1, "no")),
    )

    assert [(each.name, each.where) for each in kept] == [
        (third.name, "here"),
        (second.name, "offsite"),
        (first.name, "both"),
        ("x", "nowhere"),
    ]
    assert [bool(each.proven_at) for each in kept] == [False, False, True, False]


def test_when_all_is_well_nothing_is_said() -> None:
    """A fresh one of the usual size, copied, and one that was proven lately."""
    every = [backup(hours) for hours in (2, 26, 50)]
    assert stock.problems(shown(*every, drills=(drill(every[1], 3),)), POLICY, now=NOW) == ()


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        (shown(), "there is no good backup"),
        (shown(backup(30)), "is 30.0 h old; 26 h are allowed"),
        (shown(backup(2, 400), backup(26), backup(50)), "the median of the 2 before it is 1,000"),
        (shown(backup(2), copies=False), "there is no copy at the other place"),
        (shown(backup(2)), "no backup is proven"),
        (shown(backup(2), drills=(drill(backup(2), 31),)), "the last drill was passed 31 days ago; 30 are allowed"),
        (shown(backup(2), drills=(drill(backup(2), 1, "rows differ"),)), "no backup is proven"),
        (shown(backup(2), other="cut off"), "other is not to be relied on: cut off"),
    ],
)
def test_each_thing_that_is_wrong_is_said(kept: tuple[Kept, ...], words: str) -> None:
    """With figures, so that nobody has to look twice."""
    assert any(words in each for each in stock.problems(kept, POLICY, now=NOW))


def test_a_copy_that_lags_behind_is_told() -> None:
    """The backups themselves being fresh."""
    here = [backup(2), backup(50)]
    kept = stock.joined(here, [copy(here[1])], broken={}, drills=())
    told = stock.problems(kept, BackupPolicy(offsite=OFFSITE), now=NOW)

    assert told == (f"the newest copy elsewhere, of {here[1].name}, is 50.0 h old; 26 h are allowed",)


def test_one_that_is_not_good_is_not_the_newest() -> None:
    """Its age counts for nothing."""
    here = [backup(2), backup(50)]
    kept = stock.joined(here, [], broken={here[0].name: "a file is missing"}, drills=())

    assert "50.0 h old" in stock.problems(kept, BackupPolicy(), now=NOW)[0]


def test_what_a_monitor_reads() -> None:
    """Prometheus' text format; what is not known is left out."""
    here = [backup(2)]
    text = stock.metrics(shown(*here), (drill(here[0], 1),), environment='a "b"', well=True)
    lines = [line for line in text.splitlines() if not line.startswith("#")]

    assert (
        f'backup_last_success_timestamp_seconds{{environment="a \\"b\\""}} {(NOW - timedelta(hours=2)).timestamp():.0f}'
        in lines
    )
    assert 'backup_size_bytes{environment="a \\"b\\""} 1000' in lines
    assert 'backup_duration_seconds{environment="a \\"b\\""} 120' in lines
    assert 'backup_verify_ok{environment="a \\"b\\""} 1' in lines
    assert 'restore_drill_rto_seconds{environment="a \\"b\\""} 61.5' in lines
    assert all(text.count(f"# TYPE {line.partition('{')[0]} gauge") == 1 for line in lines)
    nothing = stock.metrics((), (), environment="prod", well=False)
    assert [line for line in nothing.splitlines() if not line.startswith("#")] == [
        'backup_verify_ok{environment="prod"} 0',
        'backup_count{environment="prod"} 0',
    ]


def physical(hours: float) -> PhysicalBackup:
    """Return a physical backup that was finished so many hours ago."""
    at = NOW - timedelta(hours=hours)
    return PhysicalBackup(
        manifest=Path(f"{at:%Y%m%dT%H%M%S}/manifest.json"),
        kind="full",
        parent=None,
        parent_sha256=None,
        taken_at=at,
        finished_at=at,
        size_bytes=1,
        cluster_bytes=1,
        sha256="a",
        server_version="18.4",
        system_identifier="1",
        timeline=1,
        start_lsn=1,
        stop_lsn=2,
        segment_bytes=1 << 24,
        database="app",
        schema_revision="r1",
        rows={},
        settled_at=None,
        files=(),
        folders=(),
    )


def test_the_age_is_that_of_what_the_engine_takes() -> None:
    """Physical backups where it takes those: a release's old dump is then no alarm, a dump from today no comfort."""
    policy = BackupPolicy(engine=stock.PHYSICAL)

    assert stock.problems(shown(backup(99), copies=False), policy, now=NOW) == ()
    assert list(stock.of_physical((physical(99), physical(1)), policy, now=NOW)) == []
    assert "99.0 h old; 26 h are allowed" in next(stock.of_physical((physical(99),), policy, now=NOW))
    assert list(stock.of_physical((), policy, now=NOW)) == ["there is no physical backup"]
    text = stock.metrics((), (), (physical(1),), environment="prod", well=True)
    assert 'backup_physical_last_success_timestamp_seconds{environment="prod"}' in text
