"""SSH tunnels: one OpenSSH client for all of an environment's servers, and ports that are reached through it.

A tunnel that is lost is made again, and what only asked is asked again; what may have changed something never is. No
failure of the tunnel is ever told as one of the server behind it, nor the other way round.
"""

import atexit
import logging
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import IO, Any, TypeVar, cast

from gonogo import reach
from gonogo.adapters import leash, ssh_failures
from gonogo.errors import GonogoError, LockTimeoutError, RefusedError, UnreachableError
from gonogo.model import Ssh, Target

_LOG = logging.getLogger("gonogo.tunnels")
Port = TypeVar("Port")
_UP = b"up"
# Keys, jump hosts and names may take their time; an authentication that hangs may not.
_UP_WITHIN_S = 30.0
_PAUSES_S = (0.5, 1.5)
_TRIES = 3
_PORT_TRIES = 5
# The client gives a silent connection up after 5 s and two questions without an answer, 5 s each.
_SILENT_S = 15.0
# What takes this long to fail may have failed of a silence that the client has not given up on yet.
_SLOW_S = 4.0
# What each kind of server answers with a byte at least, whoever asks: PostgreSQL an SSLRequest, Redis a PING.
_KNOCKS = {"database": struct.pack("!ii", 8, 80877103), "redis": b"PING\r\n", "api": b"HEAD / HTTP/1.0\r\n\r\n"}
_KNOCK_S = 3.0
# What fails at once is told by the client a moment later.
_MOMENT_S = 1.0
_OPTIONS = (
    "BatchMode=yes",
    "ConnectTimeout=10",
    "ControlMaster=no",
    "ControlPath=none",
    "ExitOnForwardFailure=yes",
    "GatewayPorts=no",
    f"LocalCommand=echo {_UP.decode()}",
    "LogLevel=INFO",
    "PermitLocalCommand=yes",
    "ServerAliveCountMax=2",
    "ServerAliveInterval=5",
)


@cache
def of(ssh: Ssh, ends: tuple[tuple[str, str], ...]) -> "Tunnel":
    """Return this process's tunnel of an environment; nothing is contacted yet, and it ends with the process."""
    tunnel = Tunnel(ssh, dict(ends))
    atexit.register(tunnel.close)
    return tunnel


def through(target: Target, make: Callable[[Target], Port], calls: "Calls") -> Port:
    """Return a port that is reached through the environment's tunnel where it has one; nothing is contacted yet.

    Args:
        target: the environment as gonogo.toml has it.
        make: makes the port for an environment; called for each call, with the tunnel's addresses in it.
        calls: what the loss of the tunnel means for each call.
    """
    if target.ssh is None:
        return make(target)
    tunnel = of(target.ssh, tuple(sorted(reach.carried(target).items())))
    return cast(Port, _Through(tunnel, target, make, calls))


class Tunnel:
    """One SSH client with a forward for each server; opened when it is needed, and again when it was lost."""

    def __init__(self, ssh: Ssh, ends: Mapping[str, str]) -> None:
        """Prepare; nothing is contacted yet.

        Args:
            ssh: where it goes through.
            ends: by what each is for, `host:port` or the path of a socket, as the SSH server sees it.
        """
        self.ssh = ssh
        self._ends = dict(ends)
        self._line: _Line | None = None
        self._lock = threading.Lock()

    def enter(self) -> "Passage":
        """Return the tunnel as it is now, after opening it where it is not.

        Raises:
            UnreachableError: it cannot be opened.
            RefusedError: there is no SSH client here.
        """
        with self._lock:
            if self._line is None or self._line.has_ended():
                self._drop()
                self._line = self._opened()
            return Passage(line=self._line, heard=len(self._line.said()))

    def close(self) -> None:
        """End it; nothing of it is left running."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def _opened(self) -> "_Line":
        for pause_s in (*_PAUSES_S, None):
            line, failure = self._attempt()
            if line is not None:
                return line
            if pause_s is None or not failure.is_passing:
                raise failure.told(self.ssh)
            time.sleep(pause_s)
        raise AssertionError  # the last pause is none

    def _attempt(self) -> "tuple[_Line | None, ssh_failures.Failure]":
        """Return the tunnel, or why there is none; a port that somebody takes meanwhile costs another try."""
        said = ""
        for _ in range(_PORT_TRIES):
            ports = dict(zip(self._ends, _free_ports(len(self._ends)), strict=True))
            line = _Line(self._command(ports), ports)
            if line.is_up():
                return line, ssh_failures.NONE
            said = line.said()
            line.close()
            if not any(f"{reach.LOOPBACK}]:{port}: Address already in use" in said for port in ports.values()):
                break
        return None, ssh_failures.opening(said)

    def _command(self, ports: Mapping[str, int]) -> tuple[str, ...]:
        """Return the client's command line; the person's own configuration says the rest."""
        program = shutil.which("ssh")
        if program is None:
            raise RefusedError("program-missing", "there is no ssh here", hint="install the OpenSSH client")
        config = ("-F", str(self.ssh.config)) if self.ssh.config else ()
        port = ("-p", str(self.ssh.port)) if self.ssh.port else ()
        options = tuple(word for option in _OPTIONS for word in ("-o", option))
        ends = ((f"{reach.LOOPBACK}:{ports[name]}", end) for name, end in self._ends.items())
        forwards = tuple(word for here, there in ends for word in ("-L", f"{here}:{there}"))
        return (program, *config, "-N", "-T", "-a", "-x", *options, *port, *forwards, "--", self.ssh.destination)


class _Line:
    """One run of the client, on a leash: it ends with this process, however that dies."""

    def __init__(self, command: tuple[str, ...], ports: Mapping[str, int]) -> None:
        self.ports = ports
        self._last_words: str | None = None
        with ExitStack() as failed:
            self._errors: IO[bytes] = failed.enter_context(tempfile.TemporaryFile())
            self._process = subprocess.Popen(  # words checked by gonogo.reach
                (sys.executable, "-I", "-S", str(Path(leash.__file__)), *command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
            failed.pop_all()

    def is_up(self) -> bool:
        """Wait until it leads somewhere; return False when it has ended, or takes too long."""
        out = self._process.stdout
        deadline = time.monotonic() + _UP_WITHIN_S
        while out and (left := deadline - time.monotonic()) > 0:
            readable, _, _ = select.select([out], [], [], left)
            if readable:
                return os.read(out.fileno(), 100).startswith(_UP)
        return False

    def has_ended(self, patience_s: float = 0.0) -> bool:
        """Return whether it has ended, or does so soon."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(patience_s)
        return self._process.poll() is not None

    def said(self) -> str:
        """Return what the client has said so far, or had said when it was closed."""
        if self._last_words is not None:
            return self._last_words
        size = os.fstat(self._errors.fileno()).st_size
        return os.pread(self._errors.fileno(), size, 0).decode(errors="replace")

    def close(self) -> None:
        """Kill whatever of it is left, and wait."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._last_words = self.said()
        for each in (self._process.stdin, self._process.stdout, self._errors):
            if each:
                each.close()


@dataclass(frozen=True, kw_only=True, slots=True)
class Passage:
    """The tunnel as it was when somebody went in.

    Attributes:
        line: that run of the client.
        heard: how much it had said until then.
    """

    line: _Line
    heard: int

    @property
    def ports(self) -> Mapping[str, int]:
        """Return its loopback ports by what each is for."""
        return self.line.ports

    def is_lost(self, *, patience_s: float) -> bool:
        """Return whether the tunnel has been lost since, or is within so many seconds."""
        return self.line.has_ended(patience_s)

    def answers(self) -> bool:
        """Return whether something behind it answers now: then the tunnel is not what fails."""
        return any(_knock(port, _KNOCKS[name]) for name, port in self.ports.items())

    def said(self) -> str:
        """Return what the client has said since."""
        return self.line.said()[self.heard :]


@dataclass(frozen=True, kw_only=True, slots=True)
class Calls:
    """The calls of a port, by what a lost tunnel means for them; the others may have changed something.

    Attributes:
        repeatable: they only ask, or begin anew: they are called again.
        beside: they do not go to the environment's servers, and need no tunnel.
        instead: what is returned by those that must not raise when there is no tunnel.
    """

    repeatable: Collection[str]
    beside: Collection[str] = ()
    instead: Mapping[str, Callable[[GonogoError], object]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Done:
    """How a call ended."""

    result: object
    failure: GonogoError | None
    took_s: float

    @property
    def is_bad(self) -> bool:
        """Return whether it failed, or tells of a failure that was not raised: a suite's, a probe's."""
        told = bool(getattr(self.result, "exit_code", 0)) or getattr(self.result, "status_code", 1) == 0
        return self.failure is not None or told


class _Through:
    """Any port, each call through the tunnel."""

    def __init__(self, tunnel: Tunnel, target: Target, make: Callable[[Target], object], calls: Calls) -> None:
        self._tunnel = tunnel
        self._target = target
        self._make = make
        self._calls = calls

    def __getattr__(self, name: str) -> Callable[..., object]:
        """Return one call of the port."""
        if name in self._calls.beside:
            return cast(Callable[..., object], getattr(self._make(self._target), name))
        return partial(self._call, name)

    def _call(self, name: str, /, *args: Any, **kwargs: Any) -> object:  # as the port takes them
        def called(ports: Mapping[str, int]) -> object:
            return getattr(self._make(reach.through(self._target, ports)), name)(*args, **kwargs)

        try:
            return self._repeated(name, called) if name in self._calls.repeatable else self._once(name, called)
        except UnreachableError as error:
            if name in self._calls.instead:
                return self._calls.instead[name](error)
            raise

    def _once(self, name: str, called: Callable[[Mapping[str, int]], object]) -> object:
        """Return what a call returns that may change something; a lost tunnel leaves open whether it did."""
        passage = self._tunnel.enter()
        done = _outcome(partial(called, passage.ports))
        if done.is_bad and passage.is_lost(patience_s=_patience_s(passage, done.took_s)):
            raise ssh_failures.running(passage.said()).may_have_happened(self._tunnel.ssh, name) from done.failure
        return self._settled(done, passage)

    def _repeated(self, name: str, called: Callable[[Mapping[str, int]], object], tries: int = _TRIES) -> object:
        """Return what a call returns, called again while it loses the tunnel."""
        passage = self._tunnel.enter()
        done = _outcome(partial(called, passage.ports))
        if not passage.is_lost(patience_s=_patience_s(passage, done.took_s) if done.is_bad else 0.0):
            return self._settled(done, passage)
        _LOG.warning("tunnel.lost call=%s said=%s", name, passage.said().strip())
        if tries > 1:
            return self._repeated(name, called, tries - 1)
        raise ssh_failures.running(passage.said()).told(self._tunnel.ssh) from done.failure

    def _settled(self, done: _Done, passage: Passage) -> object:
        """Return the result, or raise the failure; one of what is behind the tunnel is told as such."""
        if done.failure is None:
            return done.result
        behind = ssh_failures.behind(passage.said())
        raise (behind.told(self._tunnel.ssh) if behind else done.failure) from None


def _outcome(call: Callable[[], object]) -> _Done:
    """Return how a call ends, where a tunnel may have to do with it."""
    began = time.monotonic()
    try:
        result, failure = call(), None
    except LockTimeoutError:
        raise  # the database's own word, so it got through
    except (UnreachableError, RefusedError) as error:
        result, failure = None, error
    return _Done(result=result, failure=failure, took_s=time.monotonic() - began)


def _patience_s(passage: Passage, took_s: float) -> float:
    """Return how long to wait for the client's own verdict: what failed late may have failed of its silence."""
    if ssh_failures.behind(passage.said()):
        return 0.0
    return _MOMENT_S if took_s < _SLOW_S or passage.answers() else _SILENT_S


def _knock(port: int, words: bytes) -> bool:
    """Return whether what is behind a port answers."""
    with suppress(OSError), socket.create_connection((reach.LOOPBACK, port), timeout=_KNOCK_S) as connection:
        connection.sendall(words)
        return bool(connection.recv(1))
    return False


def _free_ports(count: int) -> list[int]:
    """Return ports that nobody uses now; who takes one meanwhile is told apart by the client's refusal to bind."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((reach.LOOPBACK, 0))
        return [int(each.getsockname()[1]) for each in sockets]
