"""How gonogo.toml says what an environment is reached through."""

from pathlib import Path

import pytest

from gonogo import config
from gonogo.errors import ConfigurationError
from gonogo.model import Ssh
from tests.unit.test_config import ENVIRON, FILE, STACK

AT = 'scratch_url = "$SCRATCH_DATABASE_URL"\n'


def written(folder: Path, *lines: str) -> Path:
    """Return a gonogo.toml with these lines in the table of prod."""
    path = folder / "gonogo.toml"
    path.write_text(FILE.replace(AT, AT + "".join(f"{line}\n" for line in lines), 1))
    return path


def problems(path: Path, environ: dict[str, str], name: str = "prod") -> tuple[str, ...]:
    """Return what is wrong with an environment."""
    with pytest.raises(ConfigurationError) as caught:
        config.load(path, name, environ)
    assert "hunter2" not in f"{caught.value!r}{caught.value.where}"
    return caught.value.problems


def test_without_it_everything_is_reached_directly(tmp_path: Path) -> None:
    """No tunnel is made that nobody asked for."""
    assert config.load(written(tmp_path), "prod", ENVIRON).target.ssh is None


def test_database_and_redis_are_led_through_it_unless_said_otherwise(tmp_path: Path) -> None:
    """With a port, or by a variable; the API only where it is named, and an own configuration from the root."""
    (tmp_path / "ci").write_text("")
    plain = config.load(written(tmp_path, 'ssh = "me@vps:2222"'), "prod", ENVIRON).target.ssh
    more = written(tmp_path, 'ssh = "$SSH_HOST"', 'ssh_for = ["api", "database"]', 'ssh_config = "ci"')
    named = config.load(more, "prod", {**ENVIRON, "SSH_HOST": "vps", "API_URL": "http://127.0.0.1:8000"}).target.ssh

    assert plain == Ssh(destination="me@vps", port=2222, carries=("database", "redis"))
    assert named == Ssh(destination="vps", config=tmp_path / "ci", carries=("database", "api"))


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """A destination that could be an option, a name that nobody knows, URLs that cannot be led through, a lost file."""
    path = written(
        tmp_path,
        'ssh = "-oProxyCommand=x"',
        'ssh_for = ["database", "redis", "api", "scratch"]',
        'ssh_config = "nowhere"',
    )

    found = problems(path, {**ENVIRON, "REDIS_URL": "rediss://:hunter2@h", "DATABASE_URL": "postgresql://u@a,b/d"})

    text = "\n".join(found)
    assert "ssh is not user@host, user@host:port or an alias of ~/.ssh/config" in text
    assert "environments.prod.ssh_for names 'scratch'; known are api, database, redis" in text
    assert "REDIS_URL cannot be led through a tunnel, rediss:// has a certificate for another name" in text
    assert "API_URL cannot be led through a tunnel, https:// has a certificate for another name" in text
    assert "DATABASE_URL must name one host and one port" in text
    assert "environments.prod.ssh_config is not a file" in text
    assert len(found) == 6


def test_a_key_that_means_nothing_is_told(tmp_path: Path) -> None:
    """`ssh_for` without `ssh`, a variable that is not set, and any of it on a local stack."""
    alone = problems(written(tmp_path, 'ssh_for = ["database"]'), ENVIRON)
    unset = problems(written(tmp_path, 'ssh = "$SSH_HOST"'), ENVIRON)
    path = written(tmp_path)
    path.write_text(path.read_text().replace('stack = "local"', 'stack = "local"\nssh = "vps"'))
    local = problems(path, STACK, "local")

    assert alone == ("environments.prod.ssh_for is set, but it means nothing without ssh: remove it from gonogo.toml",)
    assert unset[0].startswith("SSH_HOST is not set")
    assert local == ("environments.local.ssh is set, but a local stack needs no tunnel: remove it from gonogo.toml",)
