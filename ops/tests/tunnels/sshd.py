"""An SSH server of a test's own: no root needed, own keys, own port; and the configuration of who goes through it."""

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from gonogo.local import accounts, ports
from gonogo.local.waiting import until

PROGRAMS = ("sshd", "ssh", "ssh-keygen")
ALIAS = "behind"


def missing() -> str:
    """Return the programs of OpenSSH that are not installed."""
    return ", ".join(name for name in PROGRAMS if not _found(name))


@dataclass(kw_only=True, slots=True)
class Sshd:
    """A server in a folder; `config` leads to it under an alias.

    Attributes:
        rules: more lines of its configuration, read at its next start.
    """

    folder: Path
    port: int
    rules: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def config(self) -> Path:
        """Return the client's configuration."""
        return self.folder / "ssh_config"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        account = accounts.server_account()
        more: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
        with (self.folder / "sshd.log").open("ab") as log:
            self.process = subprocess.Popen(
                (_found("sshd"), "-D", "-e", "-f", str(self._written())), stderr=log, start_new_session=True, **more
            )
        until(self._listens, "the SSH server", seconds=120)

    def stop(self) -> None:
        """Kill it and every connection."""
        if self.process is None:
            return
        with_children = [psutil.Process(self.process.pid), *psutil.Process(self.process.pid).children(recursive=True)]
        for each in with_children:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        self.process.wait()
        psutil.wait_procs(with_children, timeout=60)
        self.process = None

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Let every connection that is open now fall silent; new ones are served."""
        assert self.process is not None
        stopped = psutil.Process(self.process.pid).children(recursive=True)
        for each in stopped:
            with suppress(psutil.NoSuchProcess):
                each.suspend()
        yield
        for each in stopped:
            with suppress(psutil.NoSuchProcess):
                each.resume()

    def new_key(self, name: str) -> None:
        """Make a key pair instead of the one of that name; the server's own is read at its next start."""
        path = self.folder / name
        path.unlink(missing_ok=True)
        command = (_found("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", str(path))
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        if name == "host":
            accounts.hand_over(path)

    def trust(self) -> None:
        """Let the client know the server, and the server the client."""
        host = (self.folder / "host.pub").read_text()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {host}")
        (self.folder / "authorized_keys").write_text((self.folder / "user.pub").read_text())

    def clients(self) -> list[str]:
        """Return the command lines of the SSH clients that go through it, and of what keeps them."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            with suppress(psutil.NoSuchProcess):
                if str(self.config) in words and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(" ".join(words))
        return found

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _written(self) -> Path:
        path = self.folder / "sshd_config"
        lines = (
            *self.rules,
            f"ListenAddress 127.0.0.1:{self.port}",
            f"HostKey {self.folder / 'host'}",
            f"AuthorizedKeysFile {self.folder / 'authorized_keys'}",
            "PidFile none",
            "StrictModes no",
            "UsePAM yes",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
        )
        path.write_text("\n".join(lines) + "\n")
        return path


def prepared(folder: Path) -> Sshd:
    """Return a server that is not started yet, with keys that client and server know of each other."""
    accounts.let_through(folder / "any")
    folder.chmod(0o755)
    made = Sshd(folder=folder, port=ports.reserve())
    for name in ("host", "user"):
        made.new_key(name)
    made.trust()
    account = accounts.server_account()
    lines = (
        f"Host {ALIAS}",
        "HostName 127.0.0.1",
        f"Port {made.port}",
        f"User {account.pw_name if account else getpass.getuser()}",
        f"IdentityFile {folder / 'user'}",
        "IdentitiesOnly yes",
        "IdentityAgent none",
        f"UserKnownHostsFile {folder / 'known_hosts'}",
        "GlobalKnownHostsFile /dev/null",
        "StrictHostKeyChecking yes",
    )
    made.config.write_text("\n".join(lines) + "\n")
    return made


def _found(name: str) -> str:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin") or ""
