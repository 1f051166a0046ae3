"""Which backups are kept: examples at the ends of months, years and summer time, and what holds of any shelf."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gonogo import retention
from gonogo.model import BackupPolicy
from gonogo.retention import Candidate, Judged

NOW = datetime(2028, 3, 1, 12, tzinfo=UTC)  # the day after a 29th of February
POLICY = BackupPolicy(keep_daily=3, keep_weekly=2, keep_monthly=2, max_age_h=26)


def shelf(*taken: datetime) -> list[Candidate]:
    """Return good backups of these moments, named by them."""
    return [Candidate(name=f"{at.astimezone(UTC):%Y%m%dT%H%M%S}", taken_at=at) for at in taken]


def kept(found: tuple[Judged, ...]) -> list[str]:
    """Return the names of those that stay, newest first."""
    return [each.name for each in found if each.is_kept]


def reasons(found: tuple[Judged, ...], name: str) -> str:
    """Return why one stays or goes."""
    return "; ".join(next(each.reasons for each in found if each.name == name))


def daily(count: int, now: datetime = NOW) -> list[Candidate]:
    """Return a backup for each of so many days, the newest some hours old."""
    return shelf(*(now.replace(hour=2) - timedelta(days=days) for days in range(count)))


def test_the_newest_of_each_day_week_and_month_stays() -> None:
    """Across a leap day: three days, two weeks, two months; each with its reason."""
    found = retention.judge(daily(60), POLICY, proven=(), now=NOW)

    assert kept(found) == [f"2028{day}T020000" for day in ("0301", "0229", "0228", "0227")]
    assert reasons(found, "20280301T020000").startswith("the newest good one; the newest of its day, 2028-03-01")
    assert "the newest of its month, 2028-02" in reasons(found, "20280229T020000")
    assert "the newest of its week, 2028-W08" in reasons(found, "20280227T020000")
    assert reasons(found, "20280115T020000").startswith("a newer one stands for its day, week and month")


def test_the_calendar_is_that_of_utc() -> None:
    """A night in which clocks are put back has one day like any other; zones do not change what stays."""
    berlin = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 10, 24, 23, 30, tzinfo=UTC) + timedelta(hours=hours) for hours in range(4)]
    now = datetime(2026, 10, 26, 2, tzinfo=UTC)
    policy = BackupPolicy(keep_daily=2, keep_weekly=0, keep_monthly=0, max_age_h=26)
    there = retention.judge(shelf(*(each.astimezone(berlin) for each in moments)), policy, proven=(), now=now)

    assert kept(there) == kept(retention.judge(shelf(*moments), policy, proven=(), now=now))
    assert kept(there) == ["20261025T023000", "20261024T233000"]


def test_a_week_belongs_to_the_year_of_its_thursday() -> None:
    """The last days of December and the first of January are one week."""
    policy = BackupPolicy(keep_daily=1, keep_weekly=2, keep_monthly=0, max_age_h=26)
    now = datetime(2027, 1, 4, 6, tzinfo=UTC)
    found = retention.judge(daily(12, now), policy, proven=(), now=now)

    assert kept(found) == ["20270104T020000", "20270103T020000"]
    assert "2026-W53" in reasons(found, "20270103T020000")


def test_nothing_goes_while_backups_have_stopped() -> None:
    """The newest is older than twice what is allowed."""
    old = daily(60, NOW - timedelta(days=3))
    found = retention.judge(old, POLICY, proven=(), now=NOW)

    assert len(kept(found)) == 60
    assert "backups have stopped" in reasons(found, old[-1].name)


def test_nothing_goes_while_the_newest_is_not_good() -> None:
    """It may be that none is, since a while."""
    newest, *others = daily(60)
    broken = Candidate(name=newest.name, taken_at=newest.taken_at, problem="a file is missing")
    found = retention.judge([broken, *others], POLICY, proven=(), now=NOW)

    assert len(kept(found)) == 60
    assert "is not good: a file is missing" in reasons(found, others[-1].name)


def test_the_last_proven_one_stays() -> None:
    """However old; one that was proven before it goes as others do."""
    every = daily(60)
    found = retention.judge(every, POLICY, proven=(every[50].name, every[40].name, "not here"), now=NOW)

    assert reasons(found, every[40].name) == "the last that a drill has proven"
    assert every[50].name not in kept(found)


def test_what_is_held_stays_with_its_reason() -> None:
    """The backup of a release that is not over."""
    *others, old = daily(60)
    held = Candidate(name=old.name, taken_at=old.taken_at, held="the release R is not over")

    assert reasons(retention.judge([*others, held], POLICY, proven=(), now=NOW), old.name) == held.held


def test_the_youngest_stay_however_many_they_are() -> None:
    """One each hour: of those from today, none goes."""
    found = retention.judge(shelf(*(NOW - timedelta(hours=hours) for hours in range(40))), POLICY, proven=(), now=NOW)

    assert len(kept(found)) == 24 + 1  # and one for the day before
    assert reasons(found, f"{NOW - timedelta(hours=5):%Y%m%dT%H%M%S}") == "younger than a day"


def test_one_that_is_not_good_stands_for_no_period() -> None:
    """The good one before it does; it stays for a while itself, so that somebody can look at it."""
    every = shelf(*(NOW - timedelta(hours=hours) for hours in (1, 30, 34, 24 * 50)))
    broken = [Candidate(name=each.name, taken_at=each.taken_at, problem="cut off") for each in (every[1], every[3])]
    found = retention.judge([every[0], broken[0], every[2], broken[1]], POLICY, proven=(), now=NOW)

    assert "the newest of its day" in reasons(found, every[2].name)
    assert reasons(found, every[1].name) == "not good, so that somebody can look at it: cut off"
    assert reasons(found, every[3].name) == "not good: cut off"
    assert every[3].name not in kept(found)


@st.composite
def shelves(draw: st.DrawFn) -> tuple[list[Candidate], BackupPolicy, list[str], datetime]:
    """Draw backups around the ends of days, months and years, some of them not good, and what is to be kept."""
    now = draw(st.datetimes(datetime(2027, 12, 20), datetime(2028, 4, 10), timezones=st.just(UTC)))  # noqa: DTZ001
    ages = draw(st.lists(st.integers(0, 500 * 24 * 60), max_size=40, unique=True))
    found = [
        Candidate(
            name=f"b{age:06}",
            taken_at=now - timedelta(minutes=age),
            problem=draw(st.sampled_from(["", "", "", "cut off"])),
            held=draw(st.sampled_from(["", "", "", "", "a release"])),
        )
        for age in ages
    ]
    numbers = st.integers(0, 6)
    policy = BackupPolicy(
        keep_daily=draw(st.integers(1, 6)),
        keep_weekly=draw(numbers),
        keep_monthly=draw(numbers),
        max_age_h=draw(st.integers(1, 1000)),
    )
    return found, policy, draw(st.lists(st.sampled_from([each.name for each in found]))) if found else [], now


@given(shelves())
def test_what_holds_of_any_shelf(drawn: tuple[list[Candidate], BackupPolicy, list[str], datetime]) -> None:
    """The newest good, the last proven, the held and the young stay; each is told once, with a reason."""
    candidates, policy, proven, now = drawn
    found = retention.judge(candidates, policy, proven=proven, now=now)
    stay, good = set(kept(found)), [each for each in candidates if not each.problem]
    ages = {each.name: now - each.taken_at for each in candidates if each.taken_at}

    assert sorted(each.name for each in found) == sorted(each.name for each in candidates)
    assert all(each.reasons and all(each.reasons) for each in found)
    assert {each.name for each in candidates if each.held} <= stay
    assert {name for name, age in ages.items() if age < retention.YOUNG} <= stay
    if good:
        assert min(good, key=lambda each: ages[each.name]).name in stay
    there = [name for name in proven if name in {each.name for each in good}]
    assert set(there[-1:]) <= stay
    newest = min(candidates, key=lambda each: ages[each.name], default=None)
    if newest and (newest.problem or ages[newest.name] > timedelta(hours=2 * policy.max_age_h)):
        assert len(stay) == len(candidates)


@given(shelves())
def test_pruning_twice_is_pruning_once(drawn: tuple[list[Candidate], BackupPolicy, list[str], datetime]) -> None:
    """What stays is what stays; and no day that is kept loses its newest good one."""
    candidates, policy, proven, now = drawn
    stay = set(kept(retention.judge(candidates, policy, proven=proven, now=now)))
    again = [each for each in candidates if each.name in stay]

    assert set(kept(retention.judge(again, policy, proven=proven, now=now))) == stay
    good = sorted(
        (each for each in candidates if not each.problem and each.taken_at), key=lambda each: str(each.taken_at)
    )
    days = {f"{each.taken_at:%F}": each.name for each in good}
    assert {days[day] for day in sorted(days)[-policy.keep_daily :]} <= stay
