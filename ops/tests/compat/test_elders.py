"""An earlier release really lives on a newer schema: its processes, its suite, its statements."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import psutil
import pytest

from gonogo.errors import RefusedError
from gonogo.local import elders, redis
from gonogo.model import Outlived
from gonogo.model.schemas import Excuse
from tests.compat.conftest import Shop

TODAY = date(2026, 11, 21)
EXCUSE = Excuse(what="items.note", revision="0002", reason="nobody reads it", who="the owner", expires="2026-11-21")


def outlive(shop: Shop, *statements: str, excuses: Sequence[Excuse] = ()) -> Outlived:
    """Let the shop live while statements change its schema."""
    home = elders.elders(shop.project, today=TODAY, excuses=excuses, redis_url=os.environ["TEST_REDIS_URL"])
    changes = (*statements, "UPDATE alembic_version SET version_num = '0002'")
    return home.outlive(shop.checkout, shop.secret, migrate=lambda: shop.sql(*changes))


def processes_of(shop: Shop) -> list[str]:
    """Return what still runs from the shop's folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and str(shop.checkout.path) in " ".join((process.cwd(), *process.cmdline())):
                found.append(f"{process.pid} {' '.join(process.cmdline())}")
    return found


def test_release_outlives_what_is_added_to_its_schema(shop: Shop) -> None:
    """Warm and started anew; what failed before is told and not blamed, and nothing is left."""
    outlived = outlive(shop, "ALTER TABLE items ADD COLUMN colour text", "ALTER TABLE items ALTER note SET DEFAULT ''")

    assert outlived.runs, outlived.failed
    assert outlived.failed == ()
    assert any("test_what_never_works" in note for note in outlived.notes)
    assert processes_of(shop) == []
    assert not (shop.project.state / "elders").exists()


def test_release_does_not_outlive_a_column_that_its_suite_asks_for(shop: Shop) -> None:
    """Told by the models, by the statement, and by the test that fails, with the database's own words."""
    outlived = outlive(shop, "ALTER TABLE items RENAME COLUMN name TO title")

    said = "\n".join(outlived.failed)
    assert outlived.runs is False
    assert "items.name is gone or renamed" in said
    assert re.search(r"right after the migration fails test_item\w+: .*500.*does not exist, 42703", said)
    assert "test_what_never_works" not in said
    assert processes_of(shop) == []


def test_sql_that_no_test_reaches_is_put_to_the_newer_schema(shop: Shop) -> None:
    """It stands in the code as text."""
    outlived = outlive(shop, "ALTER TABLE visits DROP COLUMN seen_at")

    assert [line for line in outlived.failed if "SELECT name, seen_at FROM visits" in line]


def test_release_that_does_not_start_on_the_newer_schema_is_told_with_its_last_words(shop: Shop) -> None:
    """Its worker wants a table by name, which warm connections had, too."""
    outlived = outlive(shop, "ALTER TABLE beats RENAME TO pulses")

    assert [line for line in outlived.failed if "does not start" in line and "beats" in line]


def test_connection_that_fails_once_after_a_wider_type_is_a_note(shop: Shop) -> None:
    """The plan that it had kept is stale; the next one is good."""
    outlived = outlive(shop, "ALTER TABLE items ALTER COLUMN name TYPE varchar(60)")

    assert outlived.runs, outlived.failed
    assert any("cached plan" in note for note in outlived.notes)


def test_exception_lets_a_breach_pass_until_its_last_day(shop: Shop) -> None:
    """And is told as the reason."""
    outlived = outlive(shop, "ALTER TABLE items DROP COLUMN note", excuses=[EXCUSE])

    assert outlived.runs, outlived.failed
    assert "nobody reads it" in outlived.excused


def test_release_that_fails_on_its_own_schema_is_not_tried(shop: Shop) -> None:
    """Nothing can be said, and the schema is left as it is."""
    shop.sql("DROP TABLE items")

    outlived = outlive(shop, "SELECT no_such_thing")

    assert outlived.runs is None
    assert "its own suite does not pass on its own schema" in outlived.why


def test_migration_that_fails_is_not_the_elders_fault(shop: Shop) -> None:
    """It passes as it is, and nothing is left."""

    def migrate() -> None:
        raise RefusedError("migration-failed", "no")

    home = elders.elders(shop.project, today=TODAY, redis_url=os.environ["TEST_REDIS_URL"])
    with pytest.raises(RefusedError, match="no"):
        home.outlive(shop.checkout, shop.secret, migrate=migrate)

    assert processes_of(shop) == []


KILLED = """
import sys, time
from datetime import date
from pathlib import Path
from gonogo import config
from gonogo.local import elders
from gonogo.model import Checkout, Secret

def migrate():
    print("migrating", flush=True)
    time.sleep(600)

root = Path(sys.argv[1])
home = elders.elders(config.load_project(root / "gonogo.toml", {}), today=date(2026, 11, 21))
shop = Checkout(commit="a" * 40, path=root, python=Path(sys.executable))
home.outlive(shop, Secret("U", sys.argv[2]), migrate=migrate)
"""


def test_nothing_runs_after_whoever_started_it_was_killed(shop: Shop) -> None:
    """Kill -9 in the middle: API, worker and Redis end with it; the next run takes the files away."""
    words = (sys.executable, "-c", KILLED, str(shop.checkout.path), shop.url)
    environ = {**os.environ, "PYTHONPATH": str(Path(elders.__file__).parents[2])}
    child = subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == "migrating"
        (address,) = (shop.project.state / "elders").glob("*/redis/server.json")
        assert len(processes_of(shop)) >= 3
    finally:
        child.kill()
        child.communicate()

    deadline = time.monotonic() + 60
    while left := processes_of(shop):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
    assert not redis.answers(str(json.loads(address.read_text())["url"]))
    outlive(shop, "SELECT 1")
    assert not (shop.project.state / "elders").exists()
