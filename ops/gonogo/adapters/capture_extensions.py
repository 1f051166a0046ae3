"""Runs in the project's own interpreter, with nothing of ours: what stands in for extensions that a server lacks.

Handed over as text beside `capture_script`, which imports it by its name here. A PostgreSQL out of a wheel has next to
none of the extensions that come with PostgreSQL. What stands in for one has its types' and functions' names, so that
what a history builds upon it can be built: with the locks of the real one, and not with its behaviour.
"""

import re
from collections.abc import Callable
from typing import Any

Ask = Callable[[str], Any]
# What rows can be restored with; an index of trigrams is made by statements that are not ours to change.
RESTORABLE = frozenset({"citext", "hstore", "ltree", "unaccent", "fuzzystrmatch", "uuid-ossp", "pgcrypto"})

_GAP = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_ABOUT = re.compile(
    rf'{_GAP}(create|drop|alter|comment\s+on)\s+extension\s+(?:if\s+(?:not\s+)?exists\s+)?"?([\w-]+)"?'
    r'(?:\s+with)?(?:\s+schema\s+("[^"]+"|\w+))?',
    re.IGNORECASE | re.DOTALL,
)
_TRIGRAMS = re.compile(r'(?:"?\w+"?\.)?\bgi(?:n|st)_trgm_ops\b(?:\s*\([^)]*\))?', re.IGNORECASE)
_ITS_METHOD = re.compile(r"\bUSING\s+gi(?:n|st)\b", re.IGNORECASE)
_DOMAIN = "DO $gonogo$ BEGIN CREATE DOMAIN {at}%s AS text; EXCEPTION WHEN duplicate_object THEN END $gonogo$"
_FUNCTION = "CREATE OR REPLACE FUNCTION {at}%s LANGUAGE sql %s AS $gonogo$ SELECT %s $gonogo$"


def _functions(volatility: str, **bodies: str) -> list[str]:
    return [_FUNCTION % (head.replace("__", " "), volatility, body) for head, body in bodies.items()]


_STAND_INS: dict[str, list[str]] = {
    "citext": [_DOMAIN % "citext"],
    "hstore": [_DOMAIN % "hstore"],
    "ltree": [_DOMAIN % "ltree"],
    "unaccent": _functions("IMMUTABLE", **{"unaccent(text) RETURNS text": "$1"}),
    "pg_trgm": _functions("IMMUTABLE", **{"similarity(text, text) RETURNS real": "0::real"}),
    "fuzzystrmatch": _functions("IMMUTABLE", **{"levenshtein(text, text) RETURNS int": "0"}),
    "uuid-ossp": [
        *_functions(
            "VOLATILE",
            **{f"uuid_generate_{way}() RETURNS uuid": "gen_random_uuid()" for way in ("v1", "v1mc", "v4")},
        ),
        *_functions(
            "IMMUTABLE",
            **{f"uuid_generate_{way}(uuid, text) RETURNS uuid": "md5($1::text || $2)::uuid" for way in ("v3", "v5")},
            **{f"uuid_{name}() RETURNS uuid": f"md5('{name}')::uuid" for name in ("nil", "ns_dns", "ns_url", "ns_oid")},
        ),
    ],
    "pgcrypto": [
        *_functions(
            "IMMUTABLE",
            **{
                "digest(text, text) RETURNS bytea": "sha256($1::bytea)",
                "digest(bytea, text) RETURNS bytea": "sha256($1)",
                "hmac(text, text, text) RETURNS bytea": "sha256(($1 || $2)::bytea)",
                "crypt(text, text) RETURNS text": "md5($1 || $2)",
                "pgp_sym_decrypt(bytea, text) RETURNS text": "encode($1, 'escape')",
            },
        ),
        *_functions(
            "VOLATILE",
            **{
                "gen_salt(text) RETURNS text": "md5($1)",
                "gen_random_bytes(int) RETURNS bytea": "substr(uuid_send(gen_random_uuid()), 1, $1)",
                "pgp_sym_encrypt(text, text) RETURNS bytea": "convert_to($1, 'UTF8')",
            },
        ),
    ],
}


def replaced(statement: str, ask: Ask, lacking: set[str]) -> str:
    """Return what is sent instead of a statement about an extension that the server lacks; else the statement itself.

    Args:
        statement: what a revision or env.py sends.
        ask: puts a statement of ours to the same connection.
        lacking: told in words what was not there.
    """
    if found := _ABOUT.match(statement):
        verb, extension, schema = found[1].lower(), found[2].lower(), found[3]
        if _is_available(ask, extension):
            return statement
        if verb == "create":
            stand_in(extension, f"{schema}." if schema else "", ask)
            lacking.add(told(extension))
        return "SELECT 1"
    if _TRIGRAMS.search(statement) and not _is_available(ask, "pg_trgm"):
        return _ITS_METHOD.sub("USING brin", _TRIGRAMS.sub("", statement))
    return statement


def stand_in(extension: str, at: str, ask: Ask) -> None:
    """Make what stands in for an extension; nothing, where that is not known.

    Args:
        extension: its name.
        at: the schema, with a dot behind it; empty for the one that things are made in.
        ask: puts a statement to the connection.
    """
    for sql in _STAND_INS.get(extension, ()):
        ask(sql.format(at=at))


def told(extension: str) -> str:
    """Return in words that an extension is not there."""
    made = (
        ": others stand in for its types and functions" if extension in _STAND_INS else ", which was noted and not made"
    )
    return f"the extension {extension}{made}"


def _is_available(ask: Ask, extension: str) -> bool:
    return bool(ask(f"SELECT 1 FROM pg_available_extensions WHERE name = '{extension}'"))  # noqa: S608  # letters alone
