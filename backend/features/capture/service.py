"""The rules of capture."""

from uuid import UUID, uuid4

from backend.core.errors import NotFoundError
from backend.db.unit_of_work import Connection
from backend.features.capture import repository
from backend.features.capture.repository import Captured, StoredThought
from backend.jobs.records import NewJob

PROCESS = "thought.process"
BUILT_IN = "fallback"
TITLE_MAX = 80


async def capture(connection: Connection, twin_id: UUID, *, text: str) -> Captured:
    """Keep a thought and queue one job for it.

    Args:
        connection: The caller's transaction.
        twin_id: The twin that it belongs to.
        text: What it says.
    """
    thought_id = uuid4()
    job = NewJob(
        kind=PROCESS,
        twin_id=twin_id,
        idempotency_key=f"{PROCESS}:{thought_id}",
        payload={"thought_id": str(thought_id)},
    )
    return await repository.insert_with_job(connection, thought_id, text=text, job=job)


async def read(connection: Connection, twin_id: UUID, *, thought_id: UUID) -> StoredThought:
    """Return one of the twin's thoughts.

    Args:
        connection: An open connection.
        twin_id: Whose it must be.
        thought_id: The thought.

    Raises:
        NotFoundError: There is none, or it belongs to another twin.
    """
    thought = await repository.find(connection, thought_id, twin_id=twin_id)
    if thought is None:
        msg = f"There is no thought {thought_id}."
        raise NotFoundError(msg)
    return thought


async def process(connection: Connection, thought_id: UUID) -> None:
    """Give a thought a title by the built-in rule; a thought that is gone needs none.

    Args:
        connection: The job's transaction.
        thought_id: The thought.
    """
    text = await repository.text_of(connection, thought_id)
    if text is not None:
        await repository.mark_processed(connection, thought_id, title=title_of(text), source=BUILT_IN)


def title_of(text: str) -> str:
    """Return a thought's first line, cut at a word when it is long.

    Args:
        text: What the thought says; not only blanks.
    """
    line = " ".join(text.strip().splitlines()[0].split())
    if len(line) <= TITLE_MAX:
        return line
    cut = line[: TITLE_MAX - 1]
    return f"{cut.rpartition(' ')[0] or cut}…"
