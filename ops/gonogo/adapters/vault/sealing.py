"""Keys: who can read copies, and the secret key that this machine may hold."""

import stat
from pathlib import Path
from typing import Any

import pyrage

from gonogo.errors import RefusedError, UsageError
from gonogo.model import Secret

Recipients = list[Any]  # the library's own kinds have no common one
Identities = list[Any]
_SSH = "ssh-"
_SSH_KEY = b"-----BEGIN"
_OTHERS = 0o077


def recipients(texts: tuple[str, ...]) -> Recipients:
    """Return the public keys that copies are encrypted to.

    Raises:
        UsageError: there are none, or some are no public keys; all of them at once.
    """
    found, wrong = [], []
    for each in texts:
        try:
            found.append((pyrage.ssh if each.startswith(_SSH) else pyrage.x25519).Recipient.from_str(each))
        except pyrage.RecipientError:
            wrong.append(f"{each[:12]}…")
    if wrong or not found:
        said = f"no age public keys (age1…, ssh-ed25519 …): {', '.join(wrong)}" if wrong else "none is set"
        raise UsageError(
            "recipients-wrong",
            f"copies cannot be encrypted: of recipients, {said}"
            if wrong
            else "copies cannot be encrypted: no recipients",
            hint="set recipients to two age public keys; docs/backups.md says how they are made",
        )
    return found


def identities(file: Secret | None) -> Identities:
    """Return the secret keys of a file: age's own, several with comments between them, or one of SSH.

    Raises:
        UsageError: no file is set, it may be read by others, or holds no key.
    """
    path = Path(file.reveal()).expanduser() if file and file.reveal() else None
    if path is None:
        raise UsageError(
            "no-identity",
            "copies are encrypted, and no secret key is set here",
            where=file.name if file else "identity_file",
            hint="do this where the key is kept, with identity_file set; never on the server",
        )
    content = _content(path)
    try:
        return _keys(content)
    except (pyrage.IdentityError, ValueError):
        raise UsageError(
            "identity-wrong", f"{path} holds no age secret key that can be read", where=str(path)
        ) from None


def _content(path: Path) -> bytes:
    """Return a key file's content, if nobody else may read it."""
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as error:
        raise UsageError("identity-wrong", f"{path} cannot be read: {error.strerror}", where=str(path)) from None
    if stat.S_IMODE(mode) & _OTHERS:
        raise UsageError(
            "identity-open",
            f"others may read {path}, which holds a secret key",
            where=str(path),
            hint=f"chmod 600 {path}",
        )
    return content


def _keys(content: bytes) -> Identities:
    """Return the keys in a file's content."""
    if content.lstrip().startswith(_SSH_KEY):
        return [pyrage.ssh.Identity.from_buffer(content)]
    lines = [line.strip() for line in content.decode().splitlines()]
    found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    if not found:
        message = "no key"
        raise ValueError(message)
    return found


def refused(error: Exception, name: str, file: Secret | None) -> RefusedError:
    """Return why a copy cannot be decrypted, in words."""
    if "No matching keys" in str(error):
        key = file.name if file else "identity_file"
        return RefusedError(
            "copy-wrong-key",
            f"{name} was encrypted to other keys than those of {key}",
            hint="use the key that is kept apart",
        )
    return RefusedError("copy-corrupt", f"{name} cannot be decrypted: it is cut off, or not what was written ({error})")
