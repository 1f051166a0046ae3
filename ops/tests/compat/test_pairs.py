"""Release pairs of this service: how many breaking ones are caught, and how many alarms are false.

By default the earlier release lives once, on its own schema; then what it expects and sends is put to each newer one.
With GONOGO_COMPAT_WHOLE=1, or a number of pairs of each kind, it really lives through them.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from psycopg import sql

from gonogo import compat, config
from gonogo.adapters import schemas
from gonogo.local import elders, postgres
from gonogo.local.elders import LocalElders
from gonogo.model import Checkout, Secret
from tests.compat.pairs import LEFTOVERS, PAIRS, Pair

ROOT = Path(__file__).parents[3]
SERVER = os.environ["TEST_DATABASE_URL"]
LEAST_CAUGHT, MOST_FALSE, LEAST_PAIRS = 0.95, 0.05, 30
# How many pairs of each kind are lived through; all of them for 1.
WHOLE = int(os.environ.get("GONOGO_COMPAT_WHOLE", "0"))
SLOWEST_S = 300


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What was said of a pair."""

    pair: Pair
    certain: tuple[str, ...]
    seconds: float

    @property
    def is_right(self) -> bool:
        """Return whether it is what the pair says of itself."""
        return bool(self.certain) is self.pair.is_breaking


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """Return the name of a database at the service's schema, with leftovers of releases before."""
    name = f"pairs_{uuid4().hex[:12]}"
    url = postgres.create_database(SERVER, name)
    command = (sys.executable, "-m", "alembic", "-c", "backend/alembic.ini", "upgrade", "head")
    subprocess.run(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, check=True, capture_output=True)
    migrate(url, LEFTOVERS)
    yield name
    postgres.drop_database(SERVER, name)


@pytest.fixture
def copy(base: str) -> Iterator[Callable[[], str]]:
    """Return what makes a new copy of that database; the one before is dropped."""
    name = f"{base}_copy"

    def make() -> str:
        postgres.drop_database(SERVER, name)
        with psycopg.connect(SERVER, autocommit=True) as connection:
            words = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
            connection.execute(words.format(sql.Identifier(name), sql.Identifier(base)))
        return postgres.database_url(SERVER, name)

    yield make
    postgres.drop_database(SERVER, name)


@pytest.fixture
def home(tmp_path: Path) -> LocalElders:
    """Return where the service lives, told as its own gonogo.toml says, with its state elsewhere."""
    text = (ROOT / "gonogo.toml").read_text(encoding="utf-8")
    (tmp_path / "gonogo.toml").write_text(text, encoding="utf-8")
    project = config.load_project(tmp_path / "gonogo.toml", {})
    return elders.elders(project, today=date(2026, 11, 21), redis_url=None)


def migrate(url: str, body: str) -> None:
    """Run the body of an upgrade."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:", 1), poolclass=sa.NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        with context.begin_transaction(), Operations.context(context) as op:
            exec(body, {"op": op, "sa": sa})  # noqa: S102  # a text of this package


def service() -> Checkout:
    """Return the service as it is."""
    return Checkout(commit="0" * 40, path=ROOT, python=Path(sys.executable))


def table(verdicts: list[Verdict]) -> str:
    """Return the verdicts as a table, the wrong ones marked."""
    rows = [
        f"{'ok' if each.is_right else 'WRONG':<6}{'breaking' if each.pair.is_breaking else 'safe':<9}"
        f"{each.seconds:6.1f} s  {each.pair.name:<50}{each.certain[0][:110] if each.certain else ''}"
        for each in verdicts
    ]
    return "\n".join(rows)


def weigh(verdicts: list[Verdict]) -> tuple[float, float]:
    """Return the share of breaking pairs that were caught, and of safe ones that were not let pass."""
    breaking = [each for each in verdicts if each.pair.is_breaking]
    safe = [each for each in verdicts if not each.pair.is_breaking]
    return sum(each.is_right for each in breaking) / len(breaking), sum(not each.is_right for each in safe) / len(safe)


def test_breaking_pairs_are_caught_and_safe_ones_let_pass(
    home: LocalElders, copy: Callable[[], str], record_property: Callable[[str, object], None]
) -> None:
    """By what the release expects and sends; the corpus has enough of each kind."""
    known = home.known(service(), Secret("DATABASE_URL", copy()))
    verdicts = []
    for pair in PAIRS:
        began = time.monotonic()
        url = copy()
        migrate(url, pair.upgrade)
        breaches = compat.judge(known, schemas.read(url), schemas.answers(url, known.sent))
        certain = tuple(each.message for each in breaches if each.is_certain)
        verdicts.append(Verdict(pair=pair, certain=certain, seconds=time.monotonic() - began))
    caught, false = weigh(verdicts)
    record_property("release pairs", table(verdicts))

    assert min(sum(each.is_breaking is kind for each in PAIRS) for kind in (True, False)) >= LEAST_PAIRS
    assert caught >= LEAST_CAUGHT, table(verdicts)
    assert false <= MOST_FALSE, table(verdicts)


@pytest.mark.skipif(not WHOLE, reason="takes half a minute a pair: set GONOGO_COMPAT_WHOLE=1, or to a number of pairs")
def test_release_really_lives_through_each_pair(
    home: LocalElders, copy: Callable[[], str], record_property: Callable[[str, object], None]
) -> None:
    """API and worker started, the suite run up to three times, and each pair told right within five minutes."""
    verdicts = []
    for pair in chosen():
        began, url = time.monotonic(), copy()

        def change(url: str = url, pair: Pair = pair) -> None:
            migrate(url, pair.upgrade)
            migrate(url, "op.execute(\"UPDATE alembic_version SET version_num = '9999'\")")

        outlived = home.outlive(service(), Secret("DATABASE_URL", url), migrate=change)
        assert outlived.runs is not None, outlived.why
        verdicts.append(Verdict(pair=pair, certain=outlived.failed, seconds=time.monotonic() - began))
        sys.stderr.write(table(verdicts[-1:]) + "\n")
    caught, false = weigh(verdicts)
    record_property("release pairs, lived through", table(verdicts))

    assert caught >= LEAST_CAUGHT, table(verdicts)
    assert false <= MOST_FALSE, table(verdicts)
    assert max(each.seconds for each in verdicts) < SLOWEST_S


def chosen() -> list[Pair]:
    """Return the pairs that are lived through."""
    kinds = ([each for each in PAIRS if each.is_breaking is kind] for kind in (True, False))
    return [
        each for pairs in kinds for each in (pairs if WHOLE == 1 else pairs[:: max(1, len(pairs) // WHOLE)][:WHOLE])
    ]
