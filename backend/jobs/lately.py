"""The ids that came by lately, as many as fit."""

from uuid import UUID


class Lately:
    """Remembers ids until they are dropped, or until newer ones push them out."""

    def __init__(self, *, most: int) -> None:
        """Begin with none.

        Args:
            most: How many are remembered.
        """
        self._most = most
        self._ids: dict[UUID, None] = {}

    def add(self, job_id: UUID) -> None:
        """Remember an id as the newest.

        Args:
            job_id: The id.
        """
        self.drop(job_id)
        self._ids[job_id] = None
        if len(self._ids) > self._most:
            del self._ids[next(iter(self._ids))]

    def drop(self, job_id: UUID) -> bool:
        """Forget an id, and return whether it was remembered.

        Args:
            job_id: The id.
        """
        if job_id not in self._ids:
            return False
        del self._ids[job_id]
        return True
