"""What an SSH client says when a tunnel fails, in words that a person can act on."""

import re
from dataclasses import dataclass, replace

from gonogo import reach
from gonogo.errors import AnswerLostError, UnreachableError
from gonogo.model import Ssh


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """Why a tunnel leads nowhere.

    Attributes:
        words: what it means; may be empty where the client's own words say it.
        said: the client's own last line.
        hint: the next command; `{ssh}` is the way by hand, `{host}` the host.
        is_passing: whether it may be over in a moment.
        reference: the name of the error.
    """

    words: str = ""
    said: str = ""
    hint: str = "{ssh}"
    is_passing: bool = False
    reference: str = "tunnel-down"

    def told(self, ssh: Ssh) -> UnreachableError:
        """Return the error; nothing has happened behind the tunnel."""
        return UnreachableError(self.reference, self._message(ssh), why=_WHY[self.reference], hint=self._hint(ssh))

    def may_have_happened(self, ssh: Ssh, what: str) -> AnswerLostError:
        """Return the error of a call that changes something, and whose end nobody has seen."""
        why = f"{what!r} was under way, and may have happened: look before you do it again"
        return AnswerLostError("tunnel-lost", self._message(ssh), why=why, hint=self._hint(ssh))

    def _message(self, ssh: Ssh) -> str:
        state = "up" if self.reference == "tunnel-leads-nowhere" else "down"
        told = ": ".join(part for part in (self.words, self.said) if part)
        return f"the SSH tunnel to {ssh.destination} is {state}{', but ' if state == 'up' else ': '}{told}"

    def _hint(self, ssh: Ssh) -> str:
        return self.hint.format(ssh=reach.shown(ssh), host=ssh.destination.rpartition("@")[2])


NONE = Failure()
_WHY = {
    "tunnel-down": "nothing was asked of the servers behind it, and nothing is known of them",
    "tunnel-leads-nowhere": "the SSH server answers, the server behind it was not reached",
}
_NOTHING_SAID = "it said nothing and did not come up in time"
# What the client says when it does not come up, the first that fits.
_OPENING = (
    ("REMOTE HOST IDENTIFICATION HAS CHANGED", Failure(
        words="its host key is another one than before",
        hint="if the server was made anew: ssh-keygen -R {host}, then: {ssh}; if not, somebody may be in between",
    )),
    ("Host key verification failed", Failure(
        words="its host key is not known here", hint="{ssh}   once, and compare the fingerprint",
    )),
    ("Permission denied", Failure(
        words="it does not let this person in", hint="{ssh}   and, for the keys that are offered: ssh-add -l",
    )),
    ("Could not resolve hostname", Failure(words="its name leads nowhere")),
    ("Address already in use", Failure(
        words="the SSH configuration has a forward of its own for this host, whose port is taken",
        hint="name an alias without LocalForward in gonogo.toml, or end the other client",
    )),
    ("Bad configuration option", Failure(words="the SSH configuration cannot be read")),
    ("Connection refused", Failure(words="nothing listens at its SSH port", is_passing=True)),
    ("timed out", Failure(words="it does not answer", is_passing=True)),
    ("Connection closed", Failure(words="it hung up", is_passing=True)),
    ("Connection reset", Failure(words="it hung up", is_passing=True)),
    ("unreachable", Failure(words="no way leads there", is_passing=True)),
)  # fmt: skip
# What it says when a forward leads nowhere, while the tunnel itself is well.
_BEHIND = (
    ("administratively prohibited", Failure(
        words="the SSH server forbids to forward",
        hint="allow it there: AllowTcpForwarding and PermitOpen of sshd_config",
    )),
    ("name resolution", Failure(words="the SSH server does not know the host behind it")),
    ("Name or service not known", Failure(words="the SSH server does not know the host behind it")),
    ("Connection refused", Failure(
        words="nothing listens there", hint="{ssh}   and look whether the server runs, and where it listens",
    )),
    ("timed out", Failure(words="what is behind it does not answer")),
    ("open failed", Failure(
        words="the SSH server cannot connect to what is behind it",
        hint="{ssh}   and look whether the server runs there; for a socket: AllowStreamLocalForwarding of sshd_config",
    )),
)  # fmt: skip
_OPEN_FAILED = re.compile(r"^channel \d+: open failed: (.*?)\r?$", re.MULTILINE)


def opening(said: str) -> Failure:
    """Return why a tunnel did not come up, by what the client said."""
    return _read(said, _OPENING, _last_line(said) or _NOTHING_SAID)


def running(said: str) -> Failure:
    """Return why a tunnel was lost that had been up."""
    return Failure(words="it was lost", said=_last_line(said) or "ssh ended without a word", is_passing=True)


def behind(said: str) -> Failure | None:
    """Return why a tunnel that is up leads nowhere; None when the client has not complained."""
    found = _OPEN_FAILED.findall(said)
    if not found:
        return None
    named = _read(f"open failed: {found[-1]}", _BEHIND, found[-1].removesuffix(": open failed"))
    hint = (
        named.hint if named.hint != "{ssh}" else "{ssh}   and look whether the server runs there, and where it listens"
    )
    return Failure(words=named.words, said=named.said, hint=hint, reference="tunnel-leads-nowhere")


def _read(said: str, known: tuple[tuple[str, Failure], ...], last: str) -> Failure:
    found = next((failure for sign, failure in known if sign in said), Failure())
    return replace(found, said=last)


def _last_line(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip() and not line.startswith("channel ")]
    return lines[-1] if lines else ""
