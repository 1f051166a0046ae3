"""What the tests of the tunnel stand on."""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo import reach
from gonogo.adapters import apart, tunnels
from gonogo.model import Config, Secret, Ssh
from gonogo.testing import config
from tests.contracts import databases
from tests.tunnels.sshd import ALIAS, Sshd, missing, prepared

ROOT = Path(__file__).resolve().parents[3]
WITHOUT = missing()


@pytest.fixture
def sshd() -> Iterator[Sshd]:
    """Return an SSH server that runs; skip where OpenSSH is not installed."""
    if WITHOUT:
        pytest.skip(f"not installed: {WITHOUT} (openssh-server, openssh-client)")
    folder = Path(tempfile.mkdtemp(prefix="gonogo-ssh-"))
    made = prepared(folder)
    try:
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(folder)


@pytest.fixture
def database_url() -> Iterator[str]:
    """Return an empty database."""
    with databases.created(says=apart.STACK) as url:
        yield url


@pytest.fixture
def behind(sshd: Sshd, database_url: str, tmp_path: Path) -> Iterator[Config]:
    """Return an environment whose database and Redis are behind the SSH server."""
    told = config()
    ssh = Ssh(destination=ALIAS, config=sshd.config, carries=("database", "redis"))
    target = replace(
        told.target,
        stack=None,
        ssh=ssh,
        database_url=Secret("DATABASE_URL", database_url),
        scratch_url=Secret("SCRATCH_DATABASE_URL", os.environ["TEST_DATABASE_URL"]),
        redis_url=Secret("REDIS_URL", os.environ["TEST_REDIS_URL"]),
    )
    yield replace(told, root=ROOT, log=None, state=tmp_path / "state", target=target)
    for handler in logging.getLogger("gonogo").handlers[:]:
        logging.getLogger("gonogo").removeHandler(handler)
        handler.close()
    tunnels.of(ssh, tuple(sorted(reach.carried(target).items()))).close()
