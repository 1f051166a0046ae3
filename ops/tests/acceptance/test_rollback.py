"""`invoke deploy.rollback`: under traffic, over a schema that goes back, and refused where it must not begin."""

from pathlib import Path

import pytest

from tests.acceptance.test_environments import values
from tests.acceptance.test_rehearse import assert_nothing_left, assert_page_is_whole
from tests.acceptance.workshop import RATE, Workshop

pytestmark = pytest.mark.acceptance

MIGRATION = '''"""Rename what nobody reads: old code would not find it."""

from alembic import op

revision = "{revision}"
down_revision = "{head}"
branch_labels = None
depends_on = None

kind = "contract"
reversible = {reversible}


def upgrade() -> None:
    op.execute("CREATE TABLE rehearsed_{revision} (id bigint PRIMARY KEY)")


def downgrade() -> None:
    op.execute("DROP TABLE rehearsed_{revision}")
'''


def add_contract(shop: Workshop, revision: str, head: str, *, reversible: bool) -> None:
    """Commit a migration that old code is not said to survive."""
    path = shop.path / "backend" / "migrations" / "versions" / f"{revision}_contract_rehearsed.py"
    path.write_text(MIGRATION.format(revision=revision, head=head, reversible=reversible), encoding="utf-8")
    shop.commit(f"contract {revision}")


def test_a_release_and_the_rollback_from_it_lose_no_request(shop: Workshop) -> None:
    """One rehearsal: forward and back again under the same traffic, each with its own page."""
    done = shop.invoke("deploy.rehearse", "--then-rollback", "--rate", f"{RATE}", "--json")

    assert done.code == 0, done.stderr
    forward, back = done.said, done.said["rollback"]
    assert (forward["kind"], forward["verdict"], forward["requests_failed"]) == ("release", "released", 0)
    assert (back["kind"], back["verdict"], back["requests_failed"]) == ("rollback", "released", 0)
    assert back["serving_version"] == forward["previous_version"] == shop.version("HEAD~1")
    assert back["forecast"]["verdict"] == "safe"
    assert back["requests_total"] > 0
    assert {step["status"] for step in back["steps"]} == {"done"}
    assert_page_is_whole(Path(back["report"]))
    history = shop.invoke("deploy.history", "--env", "rehearse", "--json").said["releases"]
    assert [(row["kind"], row["verdict"], row["way back"]) for row in history[:2]] == [
        ("rollback", "released", "safe"),
        ("release", "released", "safe"),
    ]
    assert_nothing_left(shop)


def test_a_signed_off_release_is_gone_back_from(shop: Workshop) -> None:
    """What was seen to run on the newer schema is gone back to, whatever the migration declares."""
    start = shop.git("rev-parse", "HEAD")
    assert shop.invoke("stack.up").code == 0
    environ = values(shop)

    try:
        add_contract(shop, "9901", newest_revision(shop), reversible=False)
        first = shop.invoke("deploy.prod", "--yes", "--json", environ=environ)
        assert first.code == 0, first.stderr
        assert first.said["forecast"]["verdict"] == "impossible"

        assert_what_was_seen_to_run_is_gone_back_to(shop, environ)
    finally:
        assert shop.invoke("stack.down").code == 0
        shop.git("reset", "--quiet", "--hard", start)
    assert_nothing_left(shop)


def newest_revision(shop: Workshop) -> str:
    """Return the newest revision of the copy's migrations."""
    folder = shop.path / "backend" / "migrations" / "versions"
    texts = [path.read_text(encoding="utf-8") for path in folder.glob("*.py")]
    named = {line.split('"')[1] for text in texts for line in text.splitlines() if line.startswith("revision = ")}
    followed = {
        line.split('"')[1] for text in texts for line in text.splitlines() if line.startswith('down_revision = "')
    }
    (newest,) = named - followed
    return newest


def assert_what_was_seen_to_run_is_gone_back_to(shop: Workshop, environ: dict[str, str]) -> None:
    """Assert that the trial outweighs what the migration declares, and that its schema stays."""
    done = shop.invoke("deploy.rollback", "--yes", "--json", environ=environ)
    assert done.code == 0, done.stderr
    assert (done.said["kind"], done.said["forecast"]["verdict"]) == ("rollback", "safe")
    assert done.said["serving_version"] == done.said["target_version"]
    steps = {step["name"]: step["status"] for step in done.said["steps"]}
    assert ("downgrade" in steps, set(steps.values())) == (False, {"done"})
    assert "WENT BACK prod" in (shop.path / "comms" / "log.md").read_text(encoding="utf-8")
    unknown = shop.invoke("deploy.rollback", "--to", "never-was", "--yes", "--json", environ=environ)
    assert (unknown.code, unknown.said["error"]["reference"]) == (2, "no-such-release")
    shop.git("checkout", "--quiet", "--", "comms")
