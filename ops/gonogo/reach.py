"""How an environment's servers are reached: their URLs, the `ssh` keys of gonogo.toml, URLs through a tunnel. Pure.

May not open anything; `adapters/tunnels` does.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from gonogo.model import Secret, Ssh, Target

LOOPBACK = "127.0.0.1"
# What can be led through a tunnel: its URL's key, and the port that a URL without one means. Never scratch_url: the
# server that dumps are tried out on is not the environment's.
CARRIED = {"database": ("database_url", 5432), "redis": ("redis_url", 6379), "api": ("api_url", 80)}
KEYS = {"ssh", "ssh_for", "ssh_config"}
_USUALLY = ("database", "redis")
_FILE = "gonogo.toml"
_SCHEMES = {
    "coolify_url": ("http://", "https://"),
    "api_url": ("http://", "https://"),
    "database_url": ("postgresql://", "postgres://"),
    "scratch_url": ("postgresql://", "postgres://"),
    "redis_url": ("redis://", "rediss://", "unix://"),
}
# By key: the name that a value has for people, and the value; empty when it is missing.
Values = Mapping[str, tuple[str, str]]
# A destination is one word of a command line: what begins with a dash would be an option there.
_DESTINATION = re.compile(
    r"(?P<user>[A-Za-z0-9_][A-Za-z0-9._-]*@)?(?P<host>[A-Za-z0-9][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d+))?"
)
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*|[0-9A-Fa-f:.]+")
# A colon would end the path where a forward is written.
_FOLDER = re.compile(r"/[^\s:]*")
_LAST_PORT = 65535


def wrong_urls(at: str, values: Values) -> Iterator[str]:
    """Yield what is wrong with URLs and tokens; a value itself may hold a password and is not shown."""
    for key, schemes in _SCHEMES.items():
        variable, value = values[key]
        if value and not value.startswith(schemes):
            yield f"{variable} does not start with {' or '.join(schemes)} ({_FILE}: {at}.{key})"
        elif value and key in {"coolify_url", "api_url"} and not _is_plain_address(value):
            yield f"{variable} is not scheme://host[:port][/path] without a user ({_FILE}: {at}.{key})"
        elif not _is_url(value):
            yield f"{variable} is no URL: in a password, [ is written %5B and ] is %5D ({_FILE}: {at}.{key})"
    for key in ("coolify_token", "api_token"):
        variable, value = values[key]
        if not value.isascii() or not value.isprintable():
            yield f"{variable} holds signs that no token has ({_FILE}: {at}.{key})"


def wrong_shadow(key: str, variable: str, url: str, database: str) -> Iterator[str]:
    """Yield what is wrong with the URL of the server that migrations are tried on.

    Args:
        key: the key in gonogo.toml.
        variable: where the value comes from.
        url: the value; it may hold a password and is not shown.
        database: the environment's own database; empty where it is not to be compared.
    """
    schemes = _SCHEMES["scratch_url"]
    if not url:
        return
    if not url.startswith(schemes):
        yield f"{variable} does not start with {' or '.join(schemes)} ({_FILE}: {key})"
    elif not _is_url(url):
        yield f"{variable} is no URL: in a password, [ is written %5B and ] is %5D ({_FILE}: {key})"
    elif is_same_database(url, database):
        yield f"{variable} is the environment's own database: migrations are never tried there ({_FILE}: {key})"


def is_same_database(one: str, other: str) -> bool:
    """Return whether two URLs name the same database of the same server, whoever asks for it."""
    return bool(one) and bool(other) and _place(one) == _place(other)


def _place(url: str) -> tuple[str, int, str]:
    """Return host, port and database of a URL, in one spelling."""
    parts, asked = urlsplit(url), dict(parse_qsl(urlsplit(url).query))
    host = (asked.get("hostaddr") or asked.get("host") or parts.hostname or "localhost").lower()
    port = int(asked.get("port") or parts.port or CARRIED["database"][1])
    user = unquote(parts.username or "")
    name = asked.get("dbname") or unquote(parts.path.removeprefix("/")) or user
    return (LOOPBACK if host in {"localhost", "::1"} else host), port, name


def read(at: str, table: Mapping[str, Any], values: Values, *, root: Path) -> tuple[Ssh | None, list[str]]:
    """Return what an environment is reached through, None for directly; and every problem, in a sentence.

    Args:
        at: the table's name.
        table: the table, with what stands for `ssh` as the name that it has for people and the value.
        values: the environment's URLs.
        root: where a configuration's path begins.
    """
    if table.get("stack") or "ssh" not in table:
        why = "a local stack needs no tunnel" if table.get("stack") else "it means nothing without ssh"
        return None, [f"{at}.{key} is set, but {why}: remove it from {_FILE}" for key in sorted(KEYS & set(table))]
    problems = []
    variable, text = table["ssh"]
    named = destination(text)
    if text and named is None:
        problems.append(f"{variable} is not user@host, user@host:port or an alias of ~/.ssh/config ({_FILE}: {at}.ssh)")
    own = table.get("ssh_config")
    config = root / Path(own).expanduser() if isinstance(own, str) and own else None
    if own is not None and (config is None or not config.is_file()):
        problems.append(f"{at}.ssh_config is not a file: name an SSH configuration, or remove it from {_FILE}")
    wanted = table.get("ssh_for", list(_USUALLY))
    problems += _not_carried(at, wanted, values)
    carries = tuple(name for name in CARRIED if isinstance(wanted, list) and name in wanted)
    where, port = named or ("", None)
    return Ssh(destination=where, port=port, config=config, carries=carries), problems


def _not_carried(at: str, wanted: object, values: Values) -> Iterator[str]:
    """Yield why what is wanted cannot be led through a tunnel."""
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        yield f"{at}.ssh_for must be a list of texts: set it in {_FILE}"
        return
    for name in sorted(set(wanted)):
        if name not in CARRIED:
            yield f"{at}.ssh_for names {name!r}; known are {', '.join(sorted(CARRIED))}"
            continue
        variable, url = values[CARRIED[name][0]]
        if url and (why := wrong(name, url)):
            yield f"{variable} {why}; or take {name} out of {at}.ssh_for ({_FILE})"


def _is_url(value: str) -> bool:
    """Return whether a text can be taken apart as a URL."""
    try:
        urlsplit(value)
    except ValueError:
        return False
    return True


def _is_plain_address(url: str) -> bool:
    """Return whether a URL names a host, and no user: a password in it would be shown in messages."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.username is None and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


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
    try:
        parts = urlsplit(url)
    except ValueError:
        return "is no URL"
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
    if not 0 < port <= _LAST_PORT:
        return ""
    if name == "database" and _FOLDER.fullmatch(host):
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
