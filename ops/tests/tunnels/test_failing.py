"""A tunnel that cannot be, told in words: what it is, and never as the database's failure."""

import re
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from gonogo import bootstrap
from gonogo.errors import UnreachableError
from gonogo.local.waiting import until
from gonogo.model import Config, Secret
from tests.tunnels.conftest import ROOT
from tests.tunnels.sshd import ALIAS, Sshd


def told(config: Config) -> UnreachableError:
    """Ask the database, and return how that failed."""
    with pytest.raises(UnreachableError) as caught:
        bootstrap.observed(config).database.revision()
    return caught.value


def stop(sshd: Sshd) -> None:
    """End the server."""
    sshd.stop()


def another_user_key(sshd: Sshd) -> None:
    """Offer a key that the server does not know."""
    sshd.new_key("user")


def another_host_key(sshd: Sshd) -> None:
    """Make the server anew: it has another key, the client the old one."""
    sshd.stop()
    sshd.new_key("host")
    sshd.start()


def forget_host(sshd: Sshd) -> None:
    """Let the client know no server."""
    (sshd.folder / "known_hosts").write_text("")


def lose_name(sshd: Sshd) -> None:
    """Give the server a name that nobody has."""
    text = sshd.config.read_text()
    sshd.config.write_text(text.replace("HostName 127.0.0.1", "HostName nowhere.invalid"))


def spoil_config(sshd: Sshd) -> None:
    """Write an option that no client knows."""
    sshd.config.write_text(f"{sshd.config.read_text()}NoSuchOption yes\n")


def take_own_port(sshd: Sshd) -> None:
    """Configure a forward of one's own, whose port is taken: the server's."""
    sshd.config.write_text(f"{sshd.config.read_text()}LocalForward 127.0.0.1:{sshd.port} 127.0.0.1:1\n")


@pytest.mark.parametrize(
    ("spoil", "message", "hint"),
    [
        (stop, "nothing listens at its SSH port: .*Connection refused", "ssh -F .*"),
        (another_user_key, r"it does not let this person in: .*Permission denied \(publickey\)", ".*ssh-add -l"),
        (another_host_key, "its host key is another one than before: ", "if the server was made anew: ssh-keygen -R"),
        (forget_host, "its host key is not known here: Host key verification failed", ".*compare the fingerprint"),
        (lose_name, "its name leads nowhere: .*nowhere.invalid", "ssh -F .*"),
        (spoil_config, "the SSH configuration cannot be read: ", "ssh -F .*"),
        (take_own_port, "the SSH configuration has a forward of its own for this host, whose port is taken: ", "name"),
    ],
)
def test_a_tunnel_that_does_not_open_says_why(
    behind: Config, sshd: Sshd, spoil: Callable[[Sshd], None], message: str, hint: str
) -> None:
    """In words and in ssh's own last line, with exit code 7; nothing is said of the database, and no client stays."""
    spoil(sshd)

    error = told(behind)

    assert (error.reference, error.exit_code) == ("tunnel-down", 7)
    assert re.match(f"the SSH tunnel to {ALIAS} is down: {message}", error.message), error.message
    assert re.match(hint, error.hint), error.hint
    assert error.why == "nothing was asked of the servers behind it, and nothing is known of them"
    until(lambda: sshd.clients() == [], "the end of the client", seconds=60)


def test_a_database_that_does_not_listen_is_told_as_such(behind: Config) -> None:
    """The tunnel is up, and at its end nothing listens."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"postgresql://me:secret-word@127.0.0.1:{nobody.getsockname()[1]}/app"
        target = replace(behind.target, database_url=Secret("DATABASE_URL", url))
        error = told(replace(behind, target=target))

    assert (error.reference, error.exit_code) == ("tunnel-leads-nowhere", 7)
    assert error.message.startswith(f"the SSH tunnel to {ALIAS} is up, but nothing listens there: connect failed")
    assert "secret-word" not in f"{error.message}{error.why}{error.hint}"


def test_a_server_that_forbids_to_forward_is_told_as_such(behind: Config, sshd: Sshd) -> None:
    """With the settings of sshd_config that allow it."""
    sshd.stop()
    sshd.rules = ("AllowTcpForwarding no",)
    sshd.start()

    target = replace(behind.target, database_url=Secret("DATABASE_URL", "postgresql://me@127.0.0.1/app"))
    error = told(replace(behind, target=target))

    assert error.reference == "tunnel-leads-nowhere"
    assert "the SSH server forbids to forward: administratively prohibited" in error.message
    assert "AllowTcpForwarding" in error.hint


def test_a_service_behind_a_tunnel_that_is_down_is_not_ready(behind: Config, sshd: Sshd) -> None:
    """The probe says why; it does not raise, and does not say that the service is down."""
    assert behind.target.ssh is not None
    sshd.stop()
    ssh = replace(behind.target.ssh, carries=("api",))
    target = replace(behind.target, ssh=ssh, api_url="http://127.0.0.1:9")

    ready = bootstrap.observed(replace(behind, target=target)).service.ready()

    assert (ready.ready, ready.status_code) == (False, 0)
    assert ready.detail.startswith(f"the SSH tunnel to {ALIAS} is down: ")


OPENING = """
    import sys, time
    from pathlib import Path
    from gonogo.adapters.tunnels import of
    from gonogo.model import Ssh

    ssh = Ssh(destination=sys.argv[1], config=Path(sys.argv[2]), carries=("redis",))
    of(ssh, (("redis", "127.0.0.1:9"),)).enter()
    print("up", flush=True)
    if sys.argv[3] == "stay":
        time.sleep(600)
"""


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, None])
def test_no_client_outlives_its_process(sshd: Sshd, sign: signal.Signals | None) -> None:
    """However the process ends, kill -9 included."""
    words = (ALIAS, str(sshd.config), "stay" if sign else "go")
    process = subprocess.Popen(
        (sys.executable, "-c", textwrap.dedent(OPENING), *words),
        cwd=ROOT / "ops",
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    if sign:
        assert len(sshd.clients()) >= 2
        process.send_signal(sign)

    process.wait(120)
    process.stdout.close()

    until(lambda: [line for line in sshd.clients() if "ssh" in line] == [], "the end of the client", seconds=60)


PROJECT = """
[project]
name = "example"
[artifact]
environment = ["true"]
key_files = ["tasks.py"]
[service]
live = "/live"
ready = "/ready"
workers = "/workers"
canary = "/canary"
job = "/jobs/{id}"
[commands]
migrate = ["true"]
migrations = "alembic.ini"
smoke = ["true"]
backup = ["true"]
[environments.prod]
coolify_url = "http://127.0.0.1:9"
coolify_token = "$T"
api_uuid = "a"
worker_uuid = "w"
api_url = "http://127.0.0.1:9"
api_token = "$T"
database_url = "$D"
redis_url = "$R"
scratch_url = "$D"
ssh = "$SSH_HOST"
ssh_config = "ssh_config"
"""


def test_a_task_ends_with_seven_and_names_the_tunnel(sshd: Sshd, database_url: str, tmp_path: Path) -> None:
    """As `invoke` runs it, with the environment's table alone; the database's password is not in what it says."""
    sshd.stop()
    (tmp_path / "tasks.py").write_text("from gonogo.tasks import namespace as ns\n")
    (tmp_path / "gonogo.toml").write_text(PROJECT)
    (tmp_path / "ssh_config").write_text(sshd.config.read_text())
    environ = {"PATH": "/usr/bin:/bin", "T": "token", "D": database_url, "R": "redis://h", "SSH_HOST": ALIAS}

    done = subprocess.run(
        (sys.executable, "-m", "invoke", "jobs.status", "--json"),
        cwd=tmp_path,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 7, done.stderr
    assert '"reference": "tunnel-down"' in done.stdout
    assert f"the SSH tunnel to {ALIAS} is down: nothing listens at its SSH port" in done.stderr
