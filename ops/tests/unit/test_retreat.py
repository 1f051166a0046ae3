"""Whether an earlier version can be gone back to, and what that costs."""

import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo import retreat
from gonogo.errors import ExitCode
from gonogo.model import Forecast, Revision, WayBack
from gonogo.retreat import Gap, Schema
from gonogo.testing import revision

RUNBOOK = Path(__file__).parents[2] / "RESTORE_RUNBOOK.md"
EXPAND, FIXED = revision("expand"), revision("fixed", reversible=False)
CONTRACT, ONE_WAY = revision("contract", kind="contract"), revision("one-way", kind="contract", reversible=False)
DATA, MOVED = revision("data", kind="data"), revision("moved", kind="data", reversible=False)
SILENT = revision("silent", kind="unknown")
MUTE = revision("mute", kind="unknown", reversible=False)
REVISIONS = (EXPAND, FIXED, CONTRACT, ONE_WAY, DATA, MOVED, SILENT, MUTE)
BACKUP = "20260101"
INSTEAD = retreat.instead("prod", BACKUP)
SAFE, LOSS, UNKNOWN, IMPOSSIBLE = WayBack.SAFE, WayBack.SAFE_WITH_LOSS, WayBack.UNKNOWN, WayBack.IMPOSSIBLE
ORDER = (SAFE, LOSS, UNKNOWN, IMPOSSIBLE)


def forecast(gap: Gap) -> Forecast:
    """Return what going back over a gap costs."""
    return retreat.forecast(gap, instead=INSTEAD)


class TestRunbook:
    """ops/RESTORE_RUNBOOK.md."""

    def test_it_has_the_same_table_in_words(self) -> None:
        """In the same order: the first row that fits decides."""
        text = RUNBOOK.read_text(encoding="utf-8")
        rows = re.findall(r"^\| (.+?) \| `(safe|safe-with-loss|unknown|impossible)` \| (.+?) \|$", text, re.MULTILINE)
        assert rows[: len(retreat.TABLE)] == [(row.when, row.verdict.value, row.way_back) for row in retreat.TABLE]

    def test_it_has_a_section_of_the_name_that_errors_give(self) -> None:
        """Who is sent there finds it."""
        text = RUNBOOK.read_text(encoding="utf-8")
        names = re.findall(r"section '([^']+)'", f"{retreat.RUNBOOK} {INSTEAD}")
        assert names == ["When to restore", "Restore"]
        assert [name for name in names if f"\n## {name}\n" not in text] == []


class TestRule:
    """rule: by what the migrations declare."""

    @pytest.mark.parametrize(
        ("migrations", "runs", "verdict", "schema"),
        [
            ((), None, SAFE, Schema.UNCHANGED),
            ((EXPAND,), None, SAFE, Schema.KEPT),
            ((FIXED, EXPAND), None, SAFE, Schema.KEPT),
            ((CONTRACT,), None, LOSS, Schema.DOWNGRADED),
            ((EXPAND, DATA), None, LOSS, Schema.DOWNGRADED),
            ((ONE_WAY,), None, IMPOSSIBLE, Schema.STUCK),
            ((MOVED,), None, IMPOSSIBLE, Schema.STUCK),
            ((FIXED, CONTRACT), None, IMPOSSIBLE, Schema.STUCK),
            ((SILENT,), None, UNKNOWN, Schema.STUCK),
            ((EXPAND, MUTE), None, UNKNOWN, Schema.STUCK),
            ((CONTRACT, SILENT), None, UNKNOWN, Schema.STUCK),
            ((CONTRACT, MUTE), None, IMPOSSIBLE, Schema.STUCK),
            # What was seen says more than what is declared.
            ((ONE_WAY,), True, SAFE, Schema.KEPT),
            ((MUTE,), True, SAFE, Schema.KEPT),
            ((EXPAND,), False, LOSS, Schema.DOWNGRADED),
            ((FIXED,), False, IMPOSSIBLE, Schema.STUCK),
            ((MUTE,), False, IMPOSSIBLE, Schema.STUCK),
        ],
    )
    def test_the_first_row_that_fits_decides(
        self, migrations: tuple[Revision, ...], runs: bool | None, verdict: WayBack, schema: Schema
    ) -> None:
        """By kind, by reversibility, by what was seen."""
        decided = retreat.rule(migrations, runs=runs)
        assert (decided.verdict, decided.schema) == (verdict, schema)

    @settings(max_examples=200, deadline=None, database=None)
    @given(st.lists(st.sampled_from(REVISIONS), max_size=5), st.sampled_from([None, True, False]))
    def test_it_names_a_migration_of_the_release_and_leaves_no_placeholder(
        self, migrations: list[Revision], runs: bool | None
    ) -> None:
        """Whatever is pending; and only what declares or was seen to be survived is ever called safe."""
        decided = retreat.rule(migrations, runs=runs)
        reasons = forecast(Gap(migrations=tuple(migrations), runs=runs)).reasons
        said = f"{retreat.way_back(migrations, runs=runs)} {reasons}"
        assert not re.search(r"\bID\b", said)
        assert not migrations or any(each.id in said for each in migrations)
        if decided.verdict is SAFE and migrations:
            assert runs or all(each.kind == "expand" for each in migrations)
        if decided.schema is Schema.DOWNGRADED:
            assert all(each.reversible for each in migrations)

    @pytest.mark.parametrize("more", REVISIONS, ids=lambda each: each.id)
    def test_one_more_migration_never_makes_it_safer(self, more: Revision) -> None:
        """Impossible stays so; what was unknown is not called safe because of it."""
        for pair in product(REVISIONS, repeat=2):
            before, after = retreat.rule(pair).verdict, retreat.rule((*pair, more)).verdict
            assert ORDER.index(after) >= ORDER.index(before)


class TestForecast:
    """forecast: the worst of what is known decides, and is said first."""

    @pytest.mark.parametrize(
        ("gap", "verdict", "first"),
        [
            (Gap(), SAFE, "No migration lies between the two versions."),
            (Gap(migrations=(EXPAND,)), SAFE, "The previous version runs on the new schema: expand."),
            (
                Gap(migrations=(CONTRACT,)),
                LOSS,
                "The schema is downgraded: what was written where contract",
            ),
            (Gap(migrations=(ONE_WAY,)), IMPOSSIBLE, "Migration one-way stays applied"),
            (Gap(migrations=(SILENT,)), UNKNOWN, "Migration silent does not say"),
            (Gap(migrations=None), UNKNOWN, "The schema is at a revision that no version known here has."),
            (Gap(unread_jobs=0), SAFE, "No migration"),
            (Gap(unread_jobs=3), LOSS, "3 open jobs have a form that the earlier version does not know"),
            (
                Gap(lost_variables=("KEY (API)",)),
                UNKNOWN,
                "The earlier version was handed variables that are gone",
            ),
            (Gap(gone=("the commit is gone",)), IMPOSSIBLE, "The commit is gone."),
            (Gap(migrations=(CONTRACT,), lost_variables=("KEY (API)",)), UNKNOWN, "The earlier version was handed"),
        ],
    )
    def test_each_thing_known_has_its_verdict(self, gap: Gap, verdict: WayBack, first: str) -> None:
        """And its sentence."""
        said = forecast(gap)
        assert (said.verdict, said.reasons[0][: len(first)]) == (verdict, first)

    def test_everything_is_said_not_only_what_decides(self) -> None:
        """A person who mends one thing does not meet the next one afterwards."""
        gap = Gap(migrations=(CONTRACT,), gone=("the commit is gone",), lost_variables=("KEY (API)",), unread_jobs=1)
        assert len(forecast(gap).reasons) == 4

    @pytest.mark.parametrize("gap", [Gap(), Gap(migrations=(CONTRACT,))])
    def test_where_it_can_be_gone_back_nothing_else_is_proposed(self, gap: Gap) -> None:
        """One way is enough."""
        assert forecast(gap).instead == ""

    @pytest.mark.parametrize("gap", [Gap(migrations=(ONE_WAY,)), Gap(migrations=None)])
    def test_where_it_cannot_both_other_ways_are_named_with_their_commands(self, gap: Gap) -> None:
        """Forward, or the backup from before."""
        said = forecast(gap).instead
        assert "invoke deploy.plan --env prod" in said
        assert f"invoke restore.run --env prod --name {BACKUP} --into RESTORED --switch" in said


class TestRefusal:
    """refusal: what may begin by what was accepted."""

    @pytest.mark.parametrize(
        ("gap", "accept_loss", "accept_unknown", "reference"),
        [
            (Gap(), False, "", None),
            (Gap(migrations=(CONTRACT,)), False, "", "rollback-loses"),
            (Gap(migrations=(CONTRACT,)), False, "because", "rollback-loses"),
            (Gap(migrations=(CONTRACT,)), True, "", None),
            (Gap(migrations=(SILENT,)), True, "", "rollback-unknown"),
            (Gap(migrations=(SILENT,)), False, "because", None),
            (Gap(migrations=(ONE_WAY,)), True, "because", "rollback-impossible"),
        ],
    )
    def test_each_cost_is_accepted_by_its_own_word(
        self, gap: Gap, accept_loss: bool, accept_unknown: str, reference: str | None
    ) -> None:
        """Nothing makes the impossible possible."""
        said = retreat.refusal(forecast(gap), accept_loss=accept_loss, accept_unknown=accept_unknown)
        assert (said.reference if said else None) == reference
        assert said is None or said.exit_code is ExitCode.NO_GO

    @pytest.mark.parametrize(
        ("migration", "words"),
        [(CONTRACT, "add --accept-loss"), (SILENT, "--accept-unknown REASON"), (ONE_WAY, "roll forward")],
    )
    def test_it_says_what_to_do(self, migration: Revision, words: str) -> None:
        """The flag, or the other way."""
        said = retreat.refusal(forecast(Gap(migrations=(migration,))), accept_loss=False, accept_unknown="")
        assert said is not None
        assert words in said.hint


class TestApplied:
    """applied, schema_after."""

    @pytest.mark.parametrize(
        ("revision_seen", "ids"), [("r1", []), ("r2", ["r2"]), ("r3", ["r2", "r3"]), ("r9", None), (None, None)]
    )
    def test_the_database_says_what_is_applied(self, revision_seen: str | None, ids: list[str] | None) -> None:
        """A revision of somebody else's says nothing."""
        found = retreat.applied((revision("r2"), revision("r3")), "r1", revision_seen)
        assert (None if found is None else [each.id for each in found]) == ids

    @pytest.mark.parametrize(
        ("migrations", "is_used", "schema"),
        [
            ((), True, Schema.UNCHANGED),
            ((), False, Schema.UNCHANGED),
            ((EXPAND,), True, Schema.KEPT),
            ((EXPAND,), False, Schema.DOWNGRADED),
            ((FIXED,), False, Schema.KEPT),
            ((CONTRACT,), True, Schema.DOWNGRADED),
            ((ONE_WAY,), False, Schema.STUCK),
            ((SILENT,), True, Schema.STUCK),
            ((SILENT,), False, Schema.DOWNGRADED),
        ],
    )
    def test_what_nobody_has_used_yet_is_taken_back_where_it_can_be(
        self, migrations: tuple[Revision, ...], is_used: bool, schema: Schema
    ) -> None:
        """What newer code may have written into stays, as long as the old code runs on it."""
        assert retreat.schema_after(migrations, is_used=is_used) is schema
