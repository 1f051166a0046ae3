"""A release's API, started beside a restored copy of its data, and asked by the reading part of its own smoke suite.

Nothing of it can reach out: the providers are stand-ins of this process, Redis is its own, and there is no worker.
"""

from collections.abc import Callable

from gonogo.local import home
from gonogo.model import Checkout, Project, Secret, Suite

_API = "api"
# pytest's own code for a selection that fits no test.
_NONE = 5


class LocalRevival:
    """Releases in processes of this machine."""

    def __init__(self, project: Project, *, redis_url: str | None = None, told: Callable[[str], None]) -> None:
        """Prepare; nothing is started yet."""
        self._project = project
        self._redis_url = redis_url
        self._told = told

    def read(self, release: Checkout, database: Secret) -> Suite | None:
        """Return what the reading part of a release's suite says; None where it has none, and it was ready.

        Raises:
            StackError: the API does not come up, or is not ready; the message says what it said.
        """
        opened = home.opened(self._project, database.reveal(), redis_url=self._redis_url)
        with opened as place, place.lived_in(release, only=_API) as tenant:
            self._told("the API is ready")
            if not self._project.commands.reads:
                return None
            suite = place.smoke(release, tenant.url, place.token(release), command=self._project.commands.reads)
            return None if suite.exit_code == _NONE and not suite.failed else suite


def revival(project: Project, *, redis_url: str | None = None, told: Callable[[str], None]) -> LocalRevival | None:
    """Return what starts a project's API beside a copy; None where gonogo.toml does not say how it is started."""
    return LocalRevival(project, redis_url=redis_url, told=told) if _API in project.stack_services else None
