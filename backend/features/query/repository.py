"""The queries of query."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, Integer, Text, TextClause, Uuid, bindparam, text

from backend.db.models import Task
from backend.db.models.tasks import SEARCHED
from backend.db.unit_of_work import Connection
from backend.knowledge import tasks
from backend.knowledge.tasks import StoredTask

_EVERY_WORD = "websearch_to_tsquery('english', :question)"
_SOME_WORD = "replace(plainto_tsquery('english', :question)::text, ' & ', ' | ')::tsquery"
_HEADLINE = 'StartSel="", StopSel="", MaxFragments=3, MaxWords=60, MinWords=15, FragmentDelimiter=" … "'
# Only the newest that match are ranked: who has captured for years does not wait for the ranking of all of it. What
# is a month old counts three quarters of what is new.
_SEARCH = """
WITH found AS MATERIALIZED (
  (SELECT id, 'thought' AS kind, text AS words, created_at FROM thoughts
   WHERE twin_id = :twin_id AND to_tsvector('english', text) @@ {query}
   ORDER BY created_at DESC LIMIT 300)
  UNION ALL
  (SELECT id, 'task' AS kind, title || ' ' || notes AS words, created_at FROM tasks
   WHERE twin_id = :twin_id AND status <> 'deleted' AND {searched} @@ {query}
   ORDER BY created_at DESC LIMIT 300)
), ranked AS (
  SELECT found.*, ts_rank(to_tsvector('english', words), {query})
    * (0.5 + 0.5 / (1 + extract(epoch FROM now() - created_at) / 2592000))::float AS rank
  FROM found ORDER BY rank DESC, created_at DESC, id LIMIT :most
)
SELECT id, kind, created_at, rank,
  left(CASE WHEN length(words) <= :length THEN words
       ELSE ts_headline('english', words, {query}, '{headline}') END, :length) AS excerpt
FROM ranked ORDER BY rank DESC, created_at DESC, id
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """Something that was found.

    Attributes:
        excerpt: Its text, or of a long one the parts that fit.
        rank: How well it fits, from 0; what is newer ranks a little higher.
    """

    id: UUID
    kind: Literal["thought", "task"]
    excerpt: str
    created_at: datetime
    rank: float


def _statement(query: str) -> TextClause:
    sql = _SEARCH.format(query=query, searched=SEARCHED, headline=_HEADLINE)
    return text(sql).bindparams(
        bindparam("question", type_=Text()),
        bindparam("twin_id", type_=Uuid()),
        bindparam("most", type_=BigInteger()),
        bindparam("length", type_=Integer()),
    )


_STATEMENTS = tuple(_statement(query) for query in (_EVERY_WORD, _SOME_WORD))


async def search(connection: Connection, twin_id: UUID, *, question: str, most: int, length: int) -> list[Hit]:
    """Return what has every word of a question; if nothing has, what has some; best first.

    Args:
        connection: An open connection.
        twin_id: Whose it must be.
        question: Words, as for a search engine.
        most: How many at most.
        length: Characters of one excerpt.
    """
    values = {"twin_id": twin_id, "question": question, "most": most, "length": length}
    for statement in _STATEMENTS:
        rows = (await connection.execute(statement, values)).mappings().all()
        if rows:
            return [Hit(**row) for row in rows]
    return []


async def tasks_among(connection: Connection, twin_id: UUID, *, task_ids: Sequence[UUID]) -> dict[UUID, StoredTask]:
    """Return a twin's tasks by id.

    Args:
        connection: An open connection.
        twin_id: Whose they must be.
        task_ids: Which.
    """
    statement = tasks.selected().where(Task.id.in_(task_ids), Task.twin_id == twin_id)
    found = (tasks.stored(row) for row in (await connection.execute(statement)).mappings())
    return {task.id: task for task in found}
