"""Every error of the service, as something that a person can act on."""

from typing import ClassVar


class ServiceError(Exception):
    """An error with a stable type, a title and a status.

    Attributes:
        slug: Stable kebab-case name; the last part of the problem's type.
        title: What happened, in a few words.
        status: The HTTP status that it becomes.
        detail: What happened this time and what to do next.
    """

    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"
    status: ClassVar[int] = 500

    def __init__(self, detail: str) -> None:
        """Keep the detail, which must not hold a secret.

        Args:
            detail: What happened this time and what to do next.
        """
        super().__init__(detail)
        self.detail = detail


class UnauthorizedError(ServiceError):
    """The caller has not shown a token that is valid now."""

    slug = "unauthorized"
    title = "A valid token is needed"
    status = 401


class ForbiddenError(ServiceError):
    """The token is valid, but not good for this."""

    slug = "forbidden"
    title = "This token may not do this"
    status = 403


class TooManyRequestsError(ServiceError):
    """The token or the address has sent more requests than it may in a minute."""

    slug = "too-many-requests"
    title = "Too many requests"
    status = 429


class NotFoundError(ServiceError):
    """There is no such thing, or it belongs to somebody else."""

    slug = "not-found"
    title = "Not found"
    status = 404


class ConflictError(ServiceError):
    """The thing is not in a state in which this can be done."""

    slug = "conflict"
    title = "This cannot be done now"
    status = 409


class InvalidCursorError(ServiceError):
    """A cursor was not made by us."""

    slug = "invalid-cursor"
    title = "The cursor is not valid"
    status = 422


class IdempotencyKeyReusedError(ServiceError):
    """The key of a request names another request, which was sent before."""

    slug = "idempotency-key-reused"
    title = "This Idempotency-Key belongs to another request"
    status = 422


class DatabaseUnavailableError(ServiceError):
    """The database does not answer, or not in time."""

    slug = "database-unavailable"
    title = "The database is not available"
    status = 503


class TransportUnavailableError(ServiceError):
    """Redis does not answer, or not in time."""

    slug = "transport-unavailable"
    title = "Redis is not available"
    status = 503


class ProviderUnavailableError(ServiceError):
    """A provider does not answer, or not in time, and nothing of ours can stand in for it."""

    slug = "provider-unavailable"
    title = "A provider is not available"
    status = 503


class LeaseLostError(ServiceError):
    """Another worker has taken the job, so this attempt may not write."""

    slug = "lease-lost"
    title = "The job's lease has run out"
    status = 409


class UnguardedRouteError(ServiceError):
    """A route would be open to anybody."""

    slug = "unguarded-route"
    title = "A route has no guard"


class ConfigurationError(ServiceError):
    """Settings are missing or unusable; all of them at once.

    Attributes:
        problems: One line per setting, its name first, sorted by name.
    """

    slug = "configuration"
    title = "The configuration is not usable"

    def __init__(self, problems: tuple[str, ...]) -> None:
        """Keep the problems.

        Args:
            problems: One line per setting, its name first.
        """
        self.problems = tuple(sorted(problems))
        super().__init__(_configuration_text(self.problems))


def _configuration_text(problems: tuple[str, ...]) -> str:
    return "\n".join(
        (
            f"configuration: {len(problems)} setting(s) missing or unusable; nothing was started.",
            *(f"  {problem}" for problem in problems),
            "Set them in this process's environment (.env.example explains each), then start again.",
        )
    )
