"""Nothing is lost and nothing happens twice, whatever dies.

JOBS_KILL_PROFILE=large runs 10,000 jobs and 20 kills, and shows how long a killed worker's job waited.
"""

import os
import sys

from alembic import command
from pydantic import SecretStr

from backend.db.engine import create_engine
from backend.db.unit_of_work import Database
from backend.tests.integration import killing
from backend.tests.integration.world import Rows, alembic_config, issue_token, make_environment
from conftest import OwnServers

LEASE_S = {"small": 4.0, "large": 5.0}


async def test_no_job_is_lost_and_no_effect_doubled(own_servers: OwnServers) -> None:
    """Workers killed at random, Redis flushed and stopped, Postgres restarted: each job has its one effect and log."""
    size = os.environ.get("JOBS_KILL_PROFILE", "small")
    profile = {"small": killing.SMALL, "large": killing.LARGE}[size]
    command.upgrade(alembic_config(own_servers.database_url), "head")
    rows = Rows(database_url=own_servers.database_url)
    rows.change("CREATE TABLE effects (job_id uuid NOT NULL)")
    environment = make_environment(
        own_servers.database_url, redis_url=SecretStr(own_servers.redis_url), job_lease_seconds=LEASE_S[size]
    )
    database = Database(create_engine(own_servers.database_url, pool_size=10, application_name="test"))
    await issue_token(database)

    harm = await killing.survive(environment, database, profile, servers=own_servers)
    await database.close()

    (lost,) = rows.one("SELECT count(*) FROM job_logs WHERE event = 'lost'")
    took = f"slowest takeover {killing.slowest_takeover_s(rows, harm):.1f} s, lease {LEASE_S[size]:g} s"
    sys.stderr.write(f"{profile.jobs} jobs, {len(harm.killed)} kills, {lost} attempts lost, {took}\n")
    assert rows.one("SELECT count(*), count(*) FILTER (WHERE status = 'done') FROM jobs") == (profile.jobs,) * 2
    assert rows.one("SELECT count(*), count(DISTINCT job_id) FROM effects") == (profile.jobs,) * 2
    assert rows.one(killing.INCOMPLETE_LOGS) == (0,)
