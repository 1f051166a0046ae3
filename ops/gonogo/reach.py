"""How an environment's servers are reached: SSH destinations, and URLs as they look through a tunnel. Pure.

May not open anything; `adapters/tunnels` does.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from gonogo.model import Secret, Ssh, Target

LOOPBACK = "127.0.0.1"
# What can be led through a tunnel: its URL's key, and the port that a URL without one means. Never scratch_url: the
# server that dumps are tried out on is not the environment's.
CARRIED = {"database": ("database_url", 5432), "redis": ("redis_url", 6379), "api": ("api_url", 80)}
USUALLY = ("database", "redis")
# A destination is one word of a command line: what begins with a dash would be an option there.
_DESTINATION = re.compile(
    r"(?P<user>[A-Za-z0-9_][A-Za-z0-9._-]*@)?(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d+))?"
)
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*|[0-9A-Fa-f:.]+")
_LAST_PORT = 65535


def destination(text: str) -> tuple[str, int | None] | None:
    """Return what `user@host`, `user@host:port` or an alias names, without and with the port; None when it is none."""
    found = _DESTINATION.fullmatch(text)
    if found is None:
        return None
    port = int(found["port"]) if found["port"] else None
    if port is not None and not 0 < port <= _LAST_PORT:
        return None
    return (found["user"] or "") + found["host"].strip("[]"), port


def wrong(name: str, url: str) -> str:
    """Return why a URL cannot be led through a tunnel; empty when it can."""
    parts = urlsplit(url)
    plain = {"database": ("postgresql", "postgres"), "redis": ("redis",), "api": ("http",)}[name]
    if parts.scheme not in plain:
        why = "is a socket of this machine" if parts.scheme == "unix" else "has a certificate for another name"
        return f"cannot be led through a tunnel, {parts.scheme}:// {why}: take {plain[0]}:// as the SSH server sees it"
    return "" if _end(name, parts) else "must name one host and one port to be led through a tunnel"


def end(name: str, url: str) -> str:
    """Return where a tunnel ends for a URL, as `ssh -L` takes it: `host:port`, or the path of a socket."""
    return _end(name, urlsplit(url))


def through(target: Target, ports: Mapping[str, int]) -> Target:
    """Return an environment as it is reached through a tunnel.

    Args:
        target: as gonogo.toml has it.
        ports: the loopback ports of the tunnel by what each is for; the rest is reached directly.
    """
    for name, port in ports.items():
        key, _ = CARRIED[name]
        given = getattr(target, key)
        is_secret = isinstance(given, Secret)
        led = _through(given.reveal() if is_secret else given, port)
        changed: dict[str, Any] = {key: Secret(given.name, led) if is_secret else led}
        target = replace(target, **changed)
    return target


def carried(target: Target) -> dict[str, str]:
    """Return where the environment's tunnel ends, by what it is for; nothing where it has none."""
    ends = {}
    for name in target.ssh.carries if target.ssh else ():
        given = getattr(target, CARRIED[name][0])
        ends[name] = end(name, given.reveal() if isinstance(given, Secret) else given)
    return ends


def shown(ssh: Ssh) -> str:
    """Return the words of a command that goes to the same place by hand."""
    config = ("-F", str(ssh.config)) if ssh.config else ()
    port = ("-p", str(ssh.port)) if ssh.port else ()
    return " ".join(("ssh", *config, *port, ssh.destination))


def _end(name: str, parts: SplitResult) -> str:
    """Return where a tunnel ends for a URL; empty when that is not one place."""
    try:
        query = dict(parse_qsl(parts.query)) if name == "database" else {}
        host = query.get("hostaddr") or query.get("host") or unquote(parts.hostname or "")
        port = int(query.get("port") or parts.port or CARRIED[name][1])
    except ValueError:
        return ""
    if name == "database" and host.startswith("/"):
        return f"{host}/.s.PGSQL.{port}"
    if not _HOST.fullmatch(host):
        return ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _through(url: str, port: int) -> str:
    """Return a URL that leads to a loopback port, with everything else as it was.

    A certificate is checked against the name that was given: libpq then gets that as `host`, and the loopback address
    as `hostaddr`.
    """
    parts = urlsplit(url)
    user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = query.get("host") or unquote(parts.hostname or "")
    if query.get("sslmode") == "verify-full" and not host.startswith("/"):
        query = {**query, "hostaddr": LOOPBACK}
        netloc = f"{user}{f'[{host}]' if ':' in host else host}:{port}"
    else:
        query.pop("hostaddr", None)
        netloc = f"{user}{LOOPBACK}:{port}"
    kept = {key: value for key, value in query.items() if key not in {"host", "port"}}
    return urlunsplit(parts._replace(netloc=netloc, query=urlencode(kept, quote_via=quote)))
