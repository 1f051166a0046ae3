"""How an environment's backups are taken, kept and proven, read from its table."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gonogo.config.document import Problems, table_of, text_of, words_of
from gonogo.config.values import Reader
from gonogo.model import BackupPolicy, Offsite, Secret

ENGINES = ("pg_dump", "pg_basebackup")
# Whole numbers, and the least that each may be.
_COUNTS = {"keep_daily": 1, "keep_weekly": 0, "keep_monthly": 0, "max_age_h": 1, "proven_days": 0}
_CHAINS = {"keep_incrementals": 0, "full_days": 1}
_KEYS = ("access_key", "secret_key")
_AWAY = ("endpoint", "region", *_KEYS, "recipients", "identity_file")
_SCHEMES = ("s3://", "file:///")
_ALL = ("engine", "offsite", "wal", *_COUNTS, *_CHAINS, *_AWAY)


def read(reader: Reader, table: Mapping[str, Any]) -> BackupPolicy:
    """Return the policy; what is not said is as its default.

    Args:
        reader: fills an environment's values in.
        table: the environment's.
    """
    at, problems = f"{reader.at}.backups", reader.problems
    asked = table_of(table, at, problems, keys=_ALL) if "backups" in table else {}
    if asked.get("engine", ENGINES[0]) not in ENGINES:
        problems.add(f"{at}.engine must be one of: {', '.join(ENGINES)}")
    least = {**_COUNTS, **_CHAINS}
    counts = {key: _count(asked[key], f"{at}.{key}", least[key], problems) for key in least if key in asked}
    engine = str(asked.get("engine", ENGINES[0]))
    inside = replace(reader, at=at)
    return BackupPolicy(engine=engine, offsite=_offsite(inside, asked), wal=_wal(inside, asked, engine), **counts)


def _wal(reader: Reader, asked: Mapping[str, Any], engine: str) -> Path | None:
    """Return where WAL is archived; None where the table does not say."""
    if engine != ENGINES[1]:
        for key in (key for key in ("wal", *_CHAINS) if key in asked):
            reader.problems.add(f'{reader.at}.{key} is of no use without {reader.at}.engine = "{ENGINES[1]}"')
    if "wal" not in asked:
        return None
    _, path = reader.value("wal", asked["wal"])
    if path and not Path(path).is_absolute():
        reader.problems.add(f"{reader.at}.wal must be a folder from the root on, like /srv/wal")
    return Path(path) if path else None


def _count(value: object, key: str, least: int, problems: Problems) -> int:
    """Return a whole number."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    problems.add(f"{key} must be a whole number of {least} or more")
    return least


def _offsite(reader: Reader, asked: Mapping[str, Any]) -> Offsite | None:
    """Return the second place; None where the table names none."""
    if "offsite" not in asked:
        for key in (key for key in _AWAY if key in asked):
            reader.problems.add(f"{reader.at}.{key} is of no use without {reader.at}.offsite")
        return None
    _, url = reader.value("offsite", asked["offsite"])
    if url and not url.startswith(_SCHEMES):
        reader.problems.add(f"{reader.at}.offsite must begin with {' or '.join(_SCHEMES)}")
    known = {key: reader.value(key, asked[key])[1] for key in ("endpoint", "region") if key in asked}
    keys = {key: _secret(reader, key, asked[key]) for key in _KEYS if key in asked}
    return Offsite(
        url=url,
        endpoint=known.get("endpoint", ""),
        region=known.get("region", ""),
        access_key=keys.get("access_key"),
        secret_key=keys.get("secret_key"),
        recipients=_recipients(reader, asked),
        identity=_identity(reader, asked),
    )


def _secret(reader: Reader, key: str, given: object) -> Secret:
    """Return a secret, which the file only names."""
    if isinstance(given, str) and not given.startswith("$"):
        reader.problems.add(
            f"{reader.at}.{key} is a secret written into the file: write $VARIABLE and set that instead"
        )
        return Secret(key, "")
    return Secret(*reader.value(key, given))


def _recipients(reader: Reader, asked: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the public keys that copies are encrypted to: texts, or one $VARIABLE with commas between them."""
    given = asked.get("recipients")
    if isinstance(given, str):
        listed = reader.value("recipients", given)[1].split(",")
    else:
        listed = list(words_of(given, f"{reader.at}.recipients", reader.problems))
    found = tuple(dict.fromkeys(each.strip() for each in listed if each.strip()))
    for each in found:
        if each.startswith("AGE-SECRET-KEY-"):
            reader.problems.add(f"{reader.at}.recipients holds a secret key: only public ones (age1…) belong there")
    if len(found) == 1:
        reader.problems.add(f"{reader.at}.recipients names one key: when it is lost, so is every copy; add a second")
    return tuple(each for each in found if not each.startswith("AGE-SECRET-KEY-"))


def _identity(reader: Reader, asked: Mapping[str, Any]) -> Secret | None:
    """Return what names the file with a secret key; whoever needs it says when it is not set."""
    if "identity_file" not in asked:
        return None
    named = text_of(asked, f"{reader.at}.identity_file", reader.problems)
    if not named.startswith("$"):
        return Secret("identity_file", named)
    variable = named.removeprefix("$")
    return Secret(variable, reader.environ.get(variable, "").strip())
