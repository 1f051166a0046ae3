"""Who keeps a session waiting, in words."""

import re
from dataclasses import dataclass

from gonogo_migrator.sessions import Session

# Only a session that waits is looked up: pg_blocking_pids stops the lock manager for a moment.
_BLOCKERS = """
SELECT b.pid, a.usename, a.application_name, a.state, a.backend_type,
       extract(epoch FROM clock_timestamp() - coalesce(a.xact_start, a.backend_start)), a.query
  FROM pg_stat_activity me
 CROSS JOIN LATERAL unnest(pg_blocking_pids(me.pid)) AS b (pid)
  LEFT JOIN pg_stat_activity a ON a.pid = b.pid
 WHERE me.pid = {pid} AND me.wait_event_type = 'Lock'
 ORDER BY coalesce(a.xact_start, a.backend_start) NULLS FIRST
"""
# A comment, a quoted name (kept), a literal, a number. What a backslash means in a plain literal depends on the
# session's settings, which nobody else knows: nothing after it is shown.
_PARTS = re.compile(
    r"""--[^\n]*|/\*.*?\*/|("(?:[^"]|"")*")|(\$\w*\$).*?(?:\2|$)|(?<![\w$])[eE]'(?:[^'\\]|''|\\.)*(?:'|$)"""
    r"""|'(?:[^'\\]|'')*(?:'|\\.*|$)|(?<![\w$])\d[\w.]*""",
    re.DOTALL,
)
_LONGEST = 120


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocker:
    """A session that keeps another waiting.

    Attributes:
        pid: Its process; 0 is a prepared transaction.
        user: Its role.
        application: The name that it gave itself.
        state: What it does, as pg_stat_activity says.
        age_s: How old its transaction is.
        query: Its statement, or its last one, without values.
    """

    pid: int
    user: str
    application: str
    state: str
    age_s: float
    query: str

    def __str__(self) -> str:
        """Say it in a line."""
        if not self.pid:
            return "a prepared transaction (see pg_prepared_xacts)"
        who = ", ".join(each for each in (self.user, self.application, self.state) if each)
        return f"pid {self.pid} ({who}) in a transaction {self.age_s:.1f} s old: {self.query or 'no statement shown'}"


def blockers(session: Session, pid: int) -> tuple[Blocker, ...]:
    """Return who keeps a session waiting now, the oldest transaction first."""
    return tuple(
        Blocker(
            pid=found,
            user=user or "",
            application=application or "",
            state=state or (kind if kind != "client backend" else "") or "",
            age_s=float(age or 0),
            query=stripped(query or ""),
        )
        for found, user, application, state, kind, age, query in session.rows(_BLOCKERS.format(pid=pid))
    )


def stripped(query: str) -> str:
    """Return a statement in one short line without its values: they may be anybody's data."""
    plain = _PARTS.sub(lambda found: found[1] or (" " if found[0][:2] in {"--", "/*"} else "?"), query)
    line = " ".join(plain.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def in_words(found: tuple[Blocker, ...]) -> str:
    """Return who blocks, in a line; empty where nobody was seen."""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"blocked by {found[0]}{more}" if found else ""
