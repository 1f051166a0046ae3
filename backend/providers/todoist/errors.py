"""Why Todoist did not do what it was asked."""

from datetime import timedelta
from typing import ClassVar

from backend.core.errors import ServiceError


class TodoistError(ServiceError):
    """Todoist did not do what it was asked."""

    slug = "todoist-failed"
    title = "Todoist did not do what it was asked"
    status: ClassVar[int] = 502


class TodoistForbiddenError(TodoistError):
    """The token is not valid, or may not do this; only a person can help."""

    slug = "todoist-forbidden"
    title = "Todoist refuses the token"


class TodoistRequestError(TodoistError):
    """Todoist does not accept the request as it is; sending it again would not help.

    Attributes:
        answered: The HTTP status.
    """

    slug = "todoist-request"
    title = "Todoist does not accept the request"

    def __init__(self, detail: str, *, answered: int) -> None:
        """Keep what happened.

        Args:
            detail: For people, without a secret.
            answered: The HTTP status.
        """
        super().__init__(detail)
        self.answered = answered


class TodoistUnavailableError(TodoistError):
    """Todoist does not answer, or not usably, or asks for patience; later it may.

    Attributes:
        delay: How long Todoist asks to wait; zero when it does not say.
    """

    slug = "todoist-unavailable"
    title = "Todoist is not available"

    def __init__(self, detail: str, *, delay: timedelta = timedelta()) -> None:
        """Keep what happened.

        Args:
            detail: For people, without a secret.
            delay: How long Todoist asks to wait.
        """
        super().__init__(detail)
        self.delay = delay


class TodoistUnreadableError(TodoistUnavailableError):
    """What Todoist answered has not the form that it promises; none of it is used."""

    slug = "todoist-unreadable"
    title = "Todoist's answer cannot be read"
